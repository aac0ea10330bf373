using System.Collections.Immutable;
using Sluice.Revisions.WhatIf;

namespace Sluice.Tests.Unit.WhatIf;

/// <summary>Short words for described requests.</summary>
internal static class Asked
{
    public static DescribedRequest Get(string path, string host = "h") => new("GET", host, path);

    public static DescribedRequest With(this DescribedRequest request, string header, params string[] values) =>
        request with { Headers = request.Headers.SetItem(header, [.. values]) };

    public static DescribedRequest WithQuery(this DescribedRequest request, string name, params string[] values) =>
        request with { Query = request.Query.SetItem(name, [.. values]) };

    public static DescribedCaller Caller(params string[] models) => new("acme", "k1", "ada", [.. models]);
}
