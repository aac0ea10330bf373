using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>The changes of a route, ready to be made.</summary>
public sealed class CompiledTransforms
{
    public CompiledTransforms(RouteTransforms declared, string match)
    {
        Path = declared.Path is { } path ? ValueText.Of(path, match) : null;
        Host = declared.Host;
        RequestHeaders = CompiledChanges.Of(declared.RequestHeaders, match);
        ResponseHeaders = CompiledChanges.Of(declared.ResponseHeaders, match);
        Query = CompiledChanges.Of(declared.Query, match);
    }

    /// <summary>In place of the request's path; null: as it is.</summary>
    public ValueText? Path { get; }

    /// <summary>As declared: <c>{request.host}</c> for the client's; null: the upstream's.</summary>
    public string? Host { get; }

    /// <summary>Null: none.</summary>
    public CompiledChanges? RequestHeaders { get; }

    /// <summary>Null: none.</summary>
    public CompiledChanges? ResponseHeaders { get; }

    /// <summary>Null: none.</summary>
    public CompiledChanges? Query { get; }

    /// <summary>The host that the upstream is told; null: its own.</summary>
    public string? HostFor(in RequestValues request) => Host is "{request.host}" ? request.Host : Host;
}

/// <summary>Changes of headers or query parameters, ready to be made.</summary>
/// <param name="Drop">The names of what is taken away: removed, or set anew.</param>
/// <param name="Put">What is then put.</param>
/// <param name="Set">How many of <paramref name="Put"/> were declared as set; the rest as added.</param>
public sealed record CompiledChanges(ImmutableArray<string> Drop, ImmutableArray<(string Name, ValueText Value)> Put, int Set)
{
    /// <summary>Whether a name is taken away.</summary>
    public bool Drops(ReadOnlySpan<char> name)
    {
        foreach (var dropped in Drop)
        {
            if (name.Equals(dropped, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Prepares changes; null where there are none.</summary>
    internal static CompiledChanges? Of(NamedChanges declared, string match) => declared.IsNone ? null : new CompiledChanges(
        [.. declared.Remove.Concat(declared.Set.Select(s => s.Name)).Distinct(StringComparer.OrdinalIgnoreCase)],
        [.. declared.Set.Concat(declared.Add).Select(s => (s.Name, ValueText.Of(s.Text, match)))],
        declared.Set.Length);
}
