using System.Collections.Immutable;

namespace Sluice.Cli.OpenApi;

/// <summary>What is made of an OpenAPI description.</summary>
/// <param name="Upstream">Name of an <c>Upstream</c>, or the address of one that is declared with the routes.</param>
/// <param name="Name">With which the names of routes begin; null: as the description's title has it.</param>
/// <param name="Path">Where the description's paths begin at the gateway; null: where its first server has them.</param>
/// <param name="Hosts">Of the routes; empty: any.</param>
/// <param name="AsksForKey">Whether the routes ask for a client's key.</param>
/// <param name="Validates">Whether requests are checked.</param>
/// <param name="IsStrictQuery">Whether parameters of the query that the description does not have are refused.</param>
internal sealed record ImportChoices(string Upstream, string? Name, string? Path, ImmutableArray<string> Hosts, bool AsksForKey, bool Validates, bool IsStrictQuery);
