using System.Globalization;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage.Results;

/// <summary>What the versions of a prompt did. Plain code.</summary>
public sealed class PromptResults : RequestResults
{
    private readonly SortedDictionary<int, ResultFigures> _versions = [];
    private readonly SortedDictionary<(int Version, string Target), ResultFigures> _targets = new(Comparer<(int Version, string Target)>.Create(
        static (a, b) => a.Version != b.Version ? a.Version.CompareTo(b.Version) : string.CompareOrdinal(a.Target, b.Target)));

    /// <summary>By version.</summary>
    public IReadOnlyDictionary<int, ResultFigures> Versions => _versions;

    /// <summary>By version and the target that answered.</summary>
    public IReadOnlyDictionary<(int Version, string Target), ResultFigures> Targets => _targets;

    /// <inheritdoc />
    protected override void Count(in RequestTally request, IEnumerable<RequestScore> scores)
    {
        if (int.TryParse(request.Prompt.AsSpan(request.Prompt.LastIndexOf('@') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            Of(_versions, version).Add(request, scores);
            Of(_targets, (version, request.Target)).Add(request, scores);
        }
    }
}
