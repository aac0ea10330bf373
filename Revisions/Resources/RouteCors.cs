using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>Which pages of other origins may call a route from a browser (the Fetch standard's CORS protocol).</summary>
/// <param name="Origins">Such as <c>https://app.example.com</c>, <c>https://*.example.com</c>, or <c>*</c> alone: any.</param>
/// <param name="Methods">Upper case; empty: those that the route takes, and without any GET, HEAD and POST.</param>
/// <param name="Headers">Of requests; <c>*</c> alone: any.</param>
/// <param name="Expose">Headers of answers that pages may read.</param>
/// <param name="Credentials">Whether browsers send cookies and keys with them.</param>
/// <param name="MaxAge">For how long a browser keeps what a preflight was told; 0 to a day.</param>
public sealed record RouteCors(
    ImmutableArray<string> Origins, ImmutableArray<string> Methods, ImmutableArray<string> Headers, ImmutableArray<string> Expose, bool Credentials, TimeSpan MaxAge);
