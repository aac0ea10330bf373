using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>What a route claims, one text for each host and method: of two routes with an equal text neither could be preferred. Parameter names do not tell templates apart.</summary>
internal static class RouteClaims
{
    /// <summary>The claims of a match whose template was checked.</summary>
    public static IEnumerable<string> Of(RouteMatch match)
    {
        var path = string.Join('/', PathTemplate.Parse(match.Path, out _)!.Value.Select(s => s.Type is PathTemplate.SegmentType.Literal ? s.Text : $"{{{s.Type}}}"));
        var conditions = string.Join('&', match.Headers.Select(h => $"h:{h.Name.ToLowerInvariant()}{Of(h)}")
            .Concat(match.Query.Select(q => $"q:{q.Name}{Of(q)}"))
            .Concat(match.When is { } when ? [$"f:{when.Flag}={when.Is.GetRawText()}"] : [])
            .Order(StringComparer.Ordinal));
        return from host in match.Hosts.DefaultIfEmpty("")
               from method in match.Methods.DefaultIfEmpty("")
               select $"{host} {method} {path} {conditions}";
    }

    /// <summary>Whether two claim the same.</summary>
    public static bool Meet(RouteMatch a, RouteMatch b) => Of(a).Intersect(Of(b), StringComparer.Ordinal).Any();

    private static string Of(ValueMatch asked) => asked switch
    {
        { Absent: true } => "!",
        { Prefix: { } prefix } => $"^{prefix}",
        { Regex: { } pattern } => $"~{pattern}",
        _ => $"={string.Join(',', asked.Values.Order(StringComparer.Ordinal))}",
    };
}
