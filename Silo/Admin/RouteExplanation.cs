using System.Globalization;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>Writes what a route makes of a described request: which part takes it, what is changed, or what is answered.</summary>
internal static class RouteExplanation
{
    /// <summary>The route, its split with the part that takes the request, and what it changes.</summary>
    public static ExplainedRoute Of(CompiledRoute route, Prediction found, Explained asked, DescribedCaller? caller)
    {
        var declared = route.Resource;
        var shares = route.PartShares;
        var parts = new List<ExplainedPart>();
        var from = 0.0;
        for (var i = 0; i < route.Parts.Length; i++)
        {
            parts.Add(new ExplainedPart(route.Parts[i].Name, declared.Split[i].Weight, from, shares[i], [.. route.Parts[i].Places]));
            from += shares[i];
        }

        var key = declared.Sticky switch
        {
            null => null,
            { By: StickyBy.Subject } => "subject",
            { Name: var name, By: var kind } => $"{kind.ToString().ToLowerInvariant()} {name}",
        };
        var point = found.StickyValue is { } value ? route.ChanceOf(value) : (double?)null;
        var by = parts.Count <= 1 ? SplitBy.Single : point is null ? SplitBy.Chance : SplitBy.Sticky;
        var part = by is SplitBy.Single ? parts.FirstOrDefault() : point is { } at ? parts[route.Choose(at)] : parts.SingleOrDefault(p => p.Share == 1);
        var values = ValuesOf(asked.Request, declared.Access is RouteAccess.Key ? caller : null);
        return new ExplainedRoute(
            declared.Name, declared.Access, new ExplainedSplit(by, key, found.StickyValue, point, part?.Upstream, parts), AnswerOf(route, asked, values), [.. ChangesOf(route, asked, values), .. MirrorsOf(declared)], declared.Lifecycle.Stage, route.Offer?.Products ?? []);
    }

    // What only an edge knows is told by its name.
    private static RequestValues ValuesOf(DescribedRequest request, DescribedCaller? caller) => new(
        request.Path, request.Host, "http", request.Method, "{request.id}", "{client.address}", caller?.Tenant, caller?.User, caller?.KeyId);

    private static string? AnswerOf(CompiledRoute route, Explained asked, in RequestValues values)
    {
        if (route.Redirect is { } redirect)
        {
            var query = route.Transforms?.Query is { } edit ? QueryEdit.Apply(QueryOf(asked), edit, values) : QueryOf(asked);
            return string.Create(CultureInfo.InvariantCulture, $"{redirect.Status} to {redirect.OriginFor(values)}{redirect.PathFor(values)}{query}");
        }

        return route.Resource.Respond is { } respond
            ? string.Create(CultureInfo.InvariantCulture, $"{respond.Status} by itself{(respond.Body is { } body ? $", with {body.Length} characters of {respond.ContentType}" : "")}")
            : null;
    }

    private static IEnumerable<string> MirrorsOf(RouteResource route) =>
        route.Mirrors.Select(mirror => string.Create(CultureInfo.InvariantCulture, $"copy to {mirror.Upstream}{(mirror.Percent < 100 ? $": {mirror.Percent}%" : "")}"));

    private static IEnumerable<string> ChangesOf(CompiledRoute route, Explained asked, RequestValues values)
    {
        if (route.Transforms is not { } changes)
        {
            yield break;
        }

        if (changes.Path is { } path)
        {
            yield return $"path: {path.FillPath(values)}";
        }

        if (changes.HostFor(values) is { Length: > 0 } host)
        {
            yield return $"host: {host}";
        }

        if (changes.Query is { } query && !route.Answers)
        {
            yield return $"query: {(QueryEdit.Apply(QueryOf(asked), query, values) is { Length: > 0 } left ? left : "none")}";
        }

        foreach (var text in Of("request header", changes.RequestHeaders, values).Concat(Of("answer header", changes.ResponseHeaders, values)))
        {
            yield return text;
        }
    }

    private static IEnumerable<string> Of(string what, CompiledChanges? changes, RequestValues values)
    {
        if (changes is null)
        {
            yield break;
        }

        foreach (var name in changes.Drop.Where(name => !changes.Put.Take(changes.Set).Any(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))))
        {
            yield return $"{what} {name}: removed";
        }

        for (var i = 0; i < changes.Put.Length; i++)
        {
            yield return $"{what} {changes.Put[i].Name}: {(i < changes.Set ? "" : "also ")}{changes.Put[i].Value.Fill(values, static v => v)}";
        }
    }

    private static string QueryOf(Explained asked) => asked.Target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? asked.Target[at..] : "";
}
