using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage.Results;

/// <summary>
/// What the versions of a prompt did, of the records of tenant after tenant, and of a tenant day after day. A request counts once, with all of its attempts, also where its last one ended on
/// the day after. Plain code.
/// </summary>
public sealed class PromptResults
{
    private readonly SortedDictionary<int, ResultFigures> _versions = [];
    private readonly SortedDictionary<(int Version, string Target), ResultFigures> _targets = new(Comparer<(int Version, string Target)>.Create(
        static (a, b) => a.Version != b.Version ? a.Version.CompareTo(b.Version) : string.CompareOrdinal(a.Target, b.Target)));

    private (Dictionary<string, RequestTally> Requests, Func<string, IEnumerable<RequestScore>> Scores) _before = ([], static _ => []);

    /// <summary>By version.</summary>
    public IReadOnlyDictionary<int, ResultFigures> Versions => _versions;

    /// <summary>By version and the target that answered.</summary>
    public IReadOnlyDictionary<(int Version, string Target), ResultFigures> Targets => _targets;

    /// <summary>Takes the next day of a tenant.</summary>
    /// <param name="records">All of the prompt's that ended on that day.</param>
    /// <param name="scores">What was said of a request that came on that day or the one before.</param>
    public void TakeDay(IEnumerable<AttemptRecord> records, Func<string, IEnumerable<RequestScore>> scores)
    {
        var requests = new Dictionary<string, RequestTally>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_before.Requests, record.RequestId);
            if (Unsafe.IsNullRef(ref known))
            {
                ref var tally = ref CollectionsMarshal.GetValueRefOrAddDefault(requests, record.RequestId, out var isKnown);
                tally = isKnown ? tally.With(record) : RequestTally.Of(record);
            }
            else
            {
                known = known.With(record);
            }
        }

        Count();
        _before = (requests, scores);
    }

    /// <summary>The tenant's days are all taken.</summary>
    public void EndTenant()
    {
        Count();
        _before = ([], static _ => []);
    }

    private static ResultFigures Of<TKey>(SortedDictionary<TKey, ResultFigures> all, TKey key)
        where TKey : notnull
    {
        if (!all.TryGetValue(key, out var figures))
        {
            all.Add(key, figures = new ResultFigures());
        }

        return figures;
    }

    private void Count()
    {
        foreach (var (id, request) in _before.Requests)
        {
            if (int.TryParse(request.Prompt.AsSpan(request.Prompt.LastIndexOf('@') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                var scores = _before.Scores(id);
                Of(_versions, version).Add(request, scores);
                Of(_targets, (version, request.Target)).Add(request, scores);
            }
        }
    }
}
