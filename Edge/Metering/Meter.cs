using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering;

/// <summary>Admits requests against limits and budgets from what this edge holds of them, and settles what they used. See docs/accounting.md.</summary>
public sealed class Meter
{
    // A wait for room ends after this time, and after this many tries: a level that tells of room but gives none must not be asked for ever.
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UnreachablePause = TimeSpan.FromMilliseconds(100);
    private const int MostTries = 16;
    private const int MostKept = 4_096;
    private readonly TimeProvider _time;
    private readonly DefaultObjectPool<Reservation> _reservations;
    private Levels? _anonymous;
    private long _overdraft;
    private long _cut;

    public Meter(IClusterClient cluster, EdgeStart start, UsageLedger ledger, TimeProvider time, ILogger<Meter> log)
    {
        _time = time;
        _reservations = new DefaultObjectPool<Reservation>(new NewReservations(this), MostKept);
        Ledger = ledger;
        Context = new MeterContext(start.Id, time, log) { Ledger = ledger };
        Table = new MeterTable(cluster, start.Workspace, Context);
    }

    internal MeterContext Context { get; }

    internal MeterTable Table { get; }

    internal UsageLedger Ledger { get; }

    /// <summary>Tokens that were charged beyond what budgets had reserved for them.</summary>
    public long Overdraft => Interlocked.Read(ref _overdraft);

    /// <summary>Streams that were ended because budgets covered no more of them.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Whether a bound on the answer's tokens must be put into the request because a hard budget of tokens or money, or a token limit, binds the caller.</summary>
    /// <param name="name">The model, or <c>route/</c> and the route.</param>
    public bool BindsTokens(EdgeRevision revision, Caller? caller, string name) => LevelsOf(revision, caller).Of(name).BindsTokens;

    /// <summary>The budgets that bind requests of a caller for a name.</summary>
    internal BudgetLevel[] BudgetsOf(EdgeRevision revision, Caller? caller, string name) => LevelsOf(revision, caller).Of(name).Budgets;

    /// <summary>Reserves on every level or on none. Completes at once when all leases cover it; else waits, at most five seconds, for a loan: as long as a silo that is restarted hands over.</summary>
    public ValueTask<Admission> AdmitAsync(EdgeRevision revision, Caller? caller, Ask ask, CancellationToken cancellation)
    {
        var reservation = Open(LevelsOf(revision, caller).For(ask), caller, ask);
        reservation.CountDemand();
        return reservation.TryTake(Context.Now, out var lacking)
            ? new ValueTask<Admission>(new Admission(reservation, null))
            : new ValueTask<Admission>(WaitAsync(reservation, lacking, revision, caller, ask, cancellation));
    }

    /// <summary>An attempt has ended.</summary>
    internal void Count(long overdraft, bool isCut)
    {
        if (overdraft > 0)
        {
            Interlocked.Add(ref _overdraft, overdraft);
        }

        if (isCut)
        {
            Interlocked.Increment(ref _cut);
        }
    }

    /// <summary>A reservation has served its request.</summary>
    internal void Return(Reservation reservation) => _reservations.Return(reservation);

    private static async ValueTask<Ask> TightenAsync(Ask ask, CancellationToken cancellation)
    {
        try
        {
            var tight = await ask.Tighter!.TightenAsync(cancellation);
            return ask with { InputTokens = Math.Min(ask.InputTokens, tight ?? ask.InputTokens), Tighter = null };
        }
        catch (OperationCanceledException)
        {
            return ask with { Tighter = null };
        }
    }

    private Reservation Open(Levels levels, Caller? caller, in Ask ask)
    {
        var reservation = _reservations.Get();
        reservation.Open(levels, caller, ask);
        return reservation;
    }

    private Levels LevelsOf(EdgeRevision revision, Caller? caller)
    {
        var known = caller is null ? Volatile.Read(ref _anonymous) : caller.Levels;
        return known is not null && known.IsFor(revision) ? known : Resolve(revision, caller);
    }

    private Levels Resolve(EdgeRevision revision, Caller? caller)
    {
        var levels = Table.Resolve(revision, caller);
        if (caller is null)
        {
            Volatile.Write(ref _anonymous, levels);
        }
        else
        {
            caller.Levels = levels;
        }

        return levels;
    }

    private async Task<Admission> WaitAsync(
        Reservation reservation, Lacking lacking, EdgeRevision revision, Caller? caller, Ask ask, CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(WaitBound, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, bound.Token);
        var room = Room.Unreachable;
        var isAdmitted = false;
        try
        {
            for (var tries = 0; tries < MostTries;)
            {
                try
                {
                    room = await reservation.MakeRoomAsync(lacking, both.Token);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    room = lacking.IsForWantOfRate ? Room.Limited(Refusals.Soon(lacking.Outcome.Wait)) : Room.Unreachable;
                }

                if (room.Kind == RoomKind.Unreachable && reservation.TryOpen(lacking))
                {
                    room = Room.Made;
                }

                if (room.Kind == RoomKind.Unreachable && !bound.IsCancellationRequested)
                {
                    // A silo that ends or was lost answers no more, and another one soon does.
                    await Task.Delay(UnreachablePause, _time, both.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    cancellation.ThrowIfCancellationRequested();
                    continue;
                }

                if (room.Kind == RoomKind.Refused && ask.Tighter is not null && reservation.CountsTokens(lacking))
                {
                    // Before a request is refused by its cheap bound it is counted, once.
                    var cheap = ask.InputTokens;
                    ask = await TightenAsync(ask, both.Token);
                    if (ask.InputTokens < cheap)
                    {
                        reservation = Reopen(reservation, reservation.Levels, caller, ask);
                        room = Room.Made;
                    }
                }

                if (LoweredCap.Of(ask, reservation.Levels, lacking, room) is { } lowered)
                {
                    ask = lowered;
                    reservation = Reopen(reservation, reservation.Levels, caller, ask);
                    room = Room.Made;
                }

                if (room.Kind != RoomKind.Made)
                {
                    break;
                }

                tries++;
                if (reservation.Levels.IsOutdated)
                {
                    reservation = Reopen(reservation, Resolve(revision, caller).For(ask), caller, ask);
                }

                if (reservation.TryTake(Context.Now, out lacking))
                {
                    isAdmitted = true;
                    return new Admission(reservation, null);
                }
            }

            var refusal = reservation.Refuse(lacking, room, _time.GetUtcNow());
            Ledger.Count(caller?.Identity, ask.Name, new Settlement(
                UsageSource.None, default, "", refusal.Reason == RefusalReason.Unreachable ? 503 : 429), 0);
            return new Admission(null, refusal);
        }
        finally
        {
            if (!isAdmitted)
            {
                reservation.Refund();
            }
        }
    }

    private Reservation Reopen(Reservation before, Levels levels, Caller? caller, in Ask ask)
    {
        before.Refund();
        return Open(levels, caller, ask);
    }

    private sealed class NewReservations(Meter meter) : PooledObjectPolicy<Reservation>
    {
        public override Reservation Create() => new(meter);

        public override bool Return(Reservation obj) => true;
    }
}
