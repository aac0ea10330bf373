using System.Collections.Concurrent;

namespace Sluice.Edge.Configuration;

/// <summary>Revisions that this edge will not run, by their hash, and why.</summary>
public sealed class SuspectRevisions
{
    private readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>Refuses a revision from now on.</summary>
    public void Add(string hash, string reason) => _reasons[hash] = reason;

    /// <summary>Why a revision is refused, or null.</summary>
    public string? Find(string hash) => _reasons.GetValueOrDefault(hash);
}
