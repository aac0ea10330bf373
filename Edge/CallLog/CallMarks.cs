using System.Collections.Immutable;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Edge.CallLog;

/// <summary>What the call log notes of a request for a model on its way: when what happened, attempt by attempt. Attempts may run beside each other.</summary>
/// <param name="time">For its times.</param>
/// <param name="arrived">The timestamp at which the request came.</param>
/// <param name="notes">Whether it notes anything: where the log has what it takes of a second, it does not.</param>
internal sealed class CallMarks(TimeProvider time, long arrived, bool notes)
{
    private ImmutableArray<LoggedTry> _tries = [];
    private bool _isTaken;

    /// <summary>When it was known what is asked for, in microseconds since the request came; null: not yet.</summary>
    public long? Matched { get; private set; }

    /// <summary>The attempts that have ended.</summary>
    public ImmutableArray<LoggedTry> Tries => ImmutableInterlocked.InterlockedCompareExchange(ref _tries, [], []);

    /// <summary>Whether it notes anything.</summary>
    public bool Notes => notes;

    /// <summary>Microseconds since the request came; 0 where nothing is noted.</summary>
    public long Now => notes ? At(time.GetTimestamp()) : 0;

    /// <summary>It is known what is asked for.</summary>
    public void Match() => Matched = notes ? Now : null;

    /// <summary>An attempt was settled.</summary>
    /// <param name="number">Of it.</param>
    /// <param name="settlement">How it ended.</param>
    /// <param name="costNano">What it costs; null: without a price.</param>
    /// <param name="begun">When it was to be let in.</param>
    /// <param name="admitted">When it was.</param>
    public void Add(int number, in Settlement settlement, long? costNano, long begun, long admitted)
    {
        if (!notes)
        {
            return;
        }

        var ended = new LoggedTry(
            number, settlement.Target, settlement.Status, settlement.Source, costNano ?? 0, begun, admitted, settlement.AnsweredAt == 0 ? null : At(settlement.AnsweredAt), Now);
        ImmutableInterlocked.Update(ref _tries, static (tries, one) => tries.Add(one), ended);
    }

    /// <summary>Whether the request is not in the log yet; from then on it is.</summary>
    public bool TryTake() => !_isTaken && (_isTaken = true);

    /// <summary>A timestamp, in microseconds since the request came.</summary>
    public long At(long timestamp) => (long)time.GetElapsedTime(arrived, timestamp).TotalMicroseconds;
}
