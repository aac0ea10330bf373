using System.Collections.Immutable;
using Sluice.Revisions.Schemas;

namespace Sluice.Revisions.Resources;

/// <summary>What requests of a route must carry; what does not is answered 400 before an upstream is asked. See <c>docs/routes.md</c>.</summary>
/// <param name="Path">Parameters of the path; each is there.</param>
/// <param name="Query">Parameters of the query.</param>
/// <param name="Headers">Headers.</param>
/// <param name="IsStrictQuery">Whether parameters of the query that are not declared are refused.</param>
/// <param name="Body">Null: any.</param>
public sealed record RouteValidation(
    ImmutableArray<ValidatedValue> Path, ImmutableArray<ValidatedValue> Query, ImmutableArray<ValidatedValue> Headers, bool IsStrictQuery, ValidatedBody? Body);

/// <summary>A value that requests carry as text.</summary>
/// <param name="Name">The parameter's, or the header's.</param>
/// <param name="IsRequired">Whether it must be there.</param>
/// <param name="Schema">What it must be; null: anything.</param>
public sealed record ValidatedValue(string Name, bool IsRequired, RequestSchema? Schema);

/// <summary>A JSON body.</summary>
/// <param name="IsRequired">Whether there must be one.</param>
/// <param name="Schema">What it must be; null: any JSON.</param>
/// <param name="MaxSize">In bytes, at most 32 MiB: a longer one is answered 413. Default 1 MiB.</param>
public sealed record ValidatedBody(bool IsRequired, RequestSchema? Schema, long MaxSize);
