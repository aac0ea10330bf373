using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage.Results;

/// <summary>
/// What some requests did, of the records of tenant after tenant, and of a tenant day after day. A request counts once, with all of its attempts, also where its last one ended on
/// the day after. Plain code.
/// </summary>
public abstract class RequestResults
{
    private (Dictionary<string, RequestTally> Requests, Func<string, IEnumerable<RequestScore>> Scores) _before = ([], static _ => []);

    /// <summary>Takes the next day of a tenant.</summary>
    /// <param name="records">All of those that are looked at that ended on that day.</param>
    /// <param name="scores">What was said of a request that came on that day or the one before.</param>
    public void TakeDay(IEnumerable<AttemptRecord> records, Func<string, IEnumerable<RequestScore>> scores)
    {
        var requests = new Dictionary<string, RequestTally>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            Take(record);
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

    /// <summary>Takes an attempt.</summary>
    protected virtual void Take(AttemptRecord record)
    {
    }

    /// <summary>Counts a request whose attempts are all there.</summary>
    protected abstract void Count(in RequestTally request, IEnumerable<RequestScore> scores);

    /// <summary>The figures under a key, which begin at nothing.</summary>
    protected static ResultFigures Of<TKey>(SortedDictionary<TKey, ResultFigures> all, TKey key)
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
            Count(request, _before.Scores(id));
        }
    }
}
