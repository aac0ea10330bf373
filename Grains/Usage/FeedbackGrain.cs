using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>
/// Keeps the scores of a tenant's day in rows, and in memory only which row has which: a score is written in place of an earlier one of its request and name. Whether a request is the
/// tenant's is told by the tenant's records; one that is young may have its record still on the way. See docs/prompts.md.
/// </summary>
[GrainType("feedback")]
internal sealed class FeedbackGrain : Grain, IFeedbackGrain
{
    private const int RowsAtOnce = 16;

    private readonly FeedbackRows _rows;
    private readonly RequestSearch _search;
    private readonly TimeProvider _time;
    private readonly string _workspace;
    private readonly string _tenant;
    private readonly int _day;
    private readonly Dictionary<(string Request, string Name), int> _places = [];
    private int _last;
    private int _inLast;

    public FeedbackGrain([FromKeyedServices("Default")] IGrainStorage storage, IRecordArchive archive, IGrainContext context, IGrainFactory grains, TimeProvider time)
    {
        var key = context.GrainId.Key.ToString()!;
        (_workspace, _tenant, _day) = GrainKeys.Split(key) is [var workspace, var tenant, var day] && int.TryParse(day, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (workspace, tenant, number)
            : throw new InvalidOperationException($"A day's key is workspace|tenant|yyyyMMdd, not '{key}'.");
        (_rows, _search, _time) = (new FeedbackRows(storage, key), new RequestSearch(grains, archive), time);
    }

    private string Day => _day.ToString(CultureInfo.InvariantCulture);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Most days that are asked for have no such row, or one.
        for (var (first, count) = (0, 1); ; (first, count) = (first + count, RowsAtOnce))
        {
            var some = await Task.WhenAll(Enumerable.Range(first, count).Select(_rows.ReadAsync));
            foreach (var (row, number) in some.Select((row, i) => (row, first + i)).Where(each => each.row.RecordExists))
            {
                (_last, _inLast) = (number, row.State!.Scores.Length);
                foreach (var score in row.State!.Scores)
                {
                    _places[(score.Request, score.Name)] = number;
                }
            }

            if (!some[^1].RecordExists)
            {
                return;
            }
        }
    }

    public async Task<FeedbackOutcome> GiveAsync(RequestScore score)
    {
        if (RequestTimes.Of(score.Request) is not { } arrived || UsageRows.DayOf(arrived) != _day)
        {
            return FeedbackOutcome.Unknown;
        }

        var hasRecord = await _search.HasRecordAsync(_workspace, _tenant, score.Request, arrived);
        var isKnown = _places.TryGetValue((score.Request, score.Name), out var place);
        var age = _time.GetUtcNow() - arrived;
        if (!hasRecord && !isKnown && (age > RequestSearch.Longest || age < -TimeSpan.FromMinutes(1)))
        {
            return FeedbackOutcome.Unknown;
        }

        if (!isKnown && _places.Count >= IFeedbackGrain.MostScores)
        {
            return FeedbackOutcome.Full;
        }

        if (_places.Count == 0)
        {
            // Before the first row, so that whoever lets go of old days finds it.
            await GrainFactory.GetGrain<IUsageDaysGrain>(_workspace).AddAsync(_day);
            await GrainFactory.GetGrain<IUsageDayGrain>(GrainKeys.Join(_workspace, Day)).AddAsync(_tenant);
        }

        await KeepAsync(isKnown ? place : _inLast < IFeedbackGrain.MostInRow ? _last : _last + 1, score);
        return hasRecord ? FeedbackOutcome.Counted : FeedbackOutcome.Awaited;
    }

    public async Task<FeedbackPage> ListAsync(int row) =>
        new((await _rows.ReadAsync(row)).State!.Scores, row < _last ? row + 1 : null);

    public async Task<ImmutableArray<RequestScore>> OfAsync(string request)
    {
        var scores = new List<RequestScore>();
        foreach (var row in _places.Where(place => string.Equals(place.Key.Request, request, StringComparison.Ordinal)).Select(place => place.Value).Distinct().ToList())
        {
            scores.AddRange((await _rows.ReadAsync(row)).State!.Scores.Where(score => string.Equals(score.Request, request, StringComparison.Ordinal)));
        }

        return [.. scores.OrderBy(score => score.Name, StringComparer.Ordinal)];
    }

    public async Task ForgetAsync()
    {
        // The last one first: what is left after a lost silo is found by the next call.
        for (var number = _last; number >= 0; number--)
        {
            await _rows.RemoveAsync(number);
        }

        DeactivateOnIdle();
    }

    private async Task KeepAsync(int number, RequestScore score)
    {
        try
        {
            var row = await _rows.ReadAsync(number);
            var scores = row.State!.Scores;
            var before = scores.FirstOrDefault(each => IsSame(each, score));
            row.State = new StoredScores(before is null ? scores.Add(score) : scores.Replace(before, score));
            await _rows.WriteAsync(number, row);
            _places[(score.Request, score.Name)] = number;
            (_last, _inLast) = number >= _last ? (number, row.State!.Scores.Length) : (_last, _inLast);
        }
        catch
        {
            // Whether the row is there is not known: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }
    }

    private static bool IsSame(RequestScore one, RequestScore other) =>
        string.Equals(one.Request, other.Request, StringComparison.Ordinal) && string.Equals(one.Name, other.Name, StringComparison.Ordinal);
}
