using System.Text;

namespace Sluice.Grains.Interfaces.Fleet;

/// <summary>What edges are to forget of what a <c>Cache</c> keeps: all that fits everything that is given.</summary>
/// <param name="Cache">The cache's name.</param>
/// <param name="Tenant">Only what is kept for this tenant; null: for all.</param>
/// <param name="Route">Only answers of this route; null: of all.</param>
/// <param name="Path">Only answers at this path, as it stands in a URL without query; all that begin with it where it ends in <c>*</c>; null: at all.</param>
/// <param name="Model">Only answers of this model; null: of all.</param>
public sealed record CachePurge(string Cache, string? Tenant = null, string? Route = null, string? Path = null, string? Model = null)
{
    /// <summary>As the subject of a change.</summary>
    public string Subject
    {
        get
        {
            var text = new StringBuilder(Cache);
            var join = '?';
            foreach (var (name, value) in new[] { ("tenant", Tenant), ("route", Route), ("path", Path), ("model", Model) })
            {
                if (value is not null)
                {
                    text.Append(join).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                    join = '&';
                }
            }

            return text.ToString();
        }
    }

    /// <summary>Of a change.</summary>
    public static CachePurge Of(string subject)
    {
        var parts = subject.Split('?', 2);
        var purge = new CachePurge(parts[0]);
        foreach (var pair in parts.Length == 1 ? [] : parts[1].Split('&'))
        {
            var (name, value) = (pair[..pair.IndexOf('=', StringComparison.Ordinal)], Uri.UnescapeDataString(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]));
            purge = name switch
            {
                "tenant" => purge with { Tenant = value },
                "route" => purge with { Route = value },
                "path" => purge with { Path = value },
                "model" => purge with { Model = value },
                _ => purge,
            };
        }

        return purge;
    }

    /// <summary>Whether a path is meant.</summary>
    public bool MeansPath(ReadOnlySpan<char> path) =>
        Path is null || (Path.EndsWith('*') ? path.StartsWith(Path.AsSpan()[..^1], StringComparison.Ordinal) : path.Equals(Path, StringComparison.Ordinal));
}
