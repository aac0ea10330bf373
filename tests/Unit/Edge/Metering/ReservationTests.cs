using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>Reservations serve one request after the other, and none of them two at one time.</summary>
public sealed class ReservationTests : IAsyncDisposable
{
    private const int Levels = 4;

    // A record of an attempt and its charges wait for the answer of a silo: they cannot be used again.
    private const int RecordBytes = 360;
    private const int ChargeBytes = 40;
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly MeteredEdge _edge = new(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero)), (type, _) =>
        type == typeof(IEdgeRateLimitGrain) ? new ScriptedLimit() : new ScriptedBudget(1_000_000_000));

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task An_admission_that_leases_cover_allocates_nothing_and_its_settlement_the_record_alone()
    {
        var revision = MeteredEdge.Revision([], Enumerable.Range(0, Levels).Select(i => MeteredEdge.Budget(BudgetUnit.Tokens, 1_000_000_000, name: $"level-{i}")));

        var (admitted, settled) = await MeasureAsync(revision);

        Assert.Equal(0, admitted);
        Assert.InRange(settled, 1, RecordBytes + (Levels * ChargeBytes));
    }

    [Fact]
    public async Task Without_a_budget_neither_allocates()
    {
        var revision = MeteredEdge.Revision([MeteredEdge.Limit(requests: MeteredEdge.PerSecond(1_000_000, 1_000_000))], []);

        Assert.Equal((0, 0), await MeasureAsync(revision));
    }

    [Fact]
    public async Task One_that_was_disposed_of_cannot_be_used_and_one_that_is_not_settled_stays_as_it_is()
    {
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 1_000)]);
        var reservation = (await _edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!;
        reservation.Dispose();
        Assert.Equal(6, reservation.OutputBound);
        reservation.Settle(MeteredEdge.Used(1, 1));

        reservation.Dispose();
        reservation.Dispose();

        Assert.Throws<ObjectDisposedException>(() => reservation.Settle(MeteredEdge.Used(1, 1)));
        Assert.Throws<ObjectDisposedException>(() => reservation.InputBound);
        Assert.Throws<ObjectDisposedException>(() => reservation.OutputBound);
        Assert.Throws<ObjectDisposedException>(() => reservation.HeldOutput);
        Assert.Throws<ObjectDisposedException>(() => reservation.Reserved);
        Assert.Throws<ObjectDisposedException>(() => reservation.Headers);
        Assert.Throws<ObjectDisposedException>(() => reservation.PriceName);
        Assert.Throws<ObjectDisposedException>(() => reservation.BeginSlices());
        Assert.Throws<ObjectDisposedException>(() => reservation.TryTake(0, out _));
        Assert.Throws<ObjectDisposedException>(() => reservation.TryGrow(10, out _));
        var next = (await _edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!;
        var other = (await _edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!;
        Assert.Same(reservation, next);
        Assert.NotSame(next, other);
    }

    [Fact]
    public async Task Of_many_at_one_time_each_serves_one_request_and_charges_what_that_used()
    {
        var revision = MeteredEdge.Revision([], [MeteredEdge.Budget(BudgetUnit.Tokens, 1_000_000_000)]);
        var charged = 0L;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            var under = new Queue<(Reservation Reservation, int Used)>();
            for (var i = 0; i < 2_000; i++)
            {
                var asked = 1 + (i * 7 % 50) + client;
                var (reservation, _) = await _edge.Meter.AdmitAsync(revision, MeteredEdge.Acme(), new Ask("gpt", asked, 0, null), TestContext.Current.CancellationToken);
                if (reservation is null)
                {
                    // Others took each loan that it had asked for.
                    continue;
                }

                under.Enqueue((reservation, asked));
                if (under.Count > client)
                {
                    var (ended, used) = under.Dequeue();
                    Assert.Equal(used, ended.InputBound);
                    ended.Settle(MeteredEdge.Used(used, 0));
                    ended.Dispose();
                    Interlocked.Add(ref charged, used);
                }
            }

            foreach (var (ended, used) in under)
            {
                Assert.Equal(used, ended.InputBound);
                ended.Settle(MeteredEdge.Used(used, 0));
                ended.Dispose();
                Interlocked.Add(ref charged, used);
            }
        })));

        await _edge.StopAsync();
        Assert.True(charged > 100_000);
        Assert.Equal(charged, _edge.Batches.SelectMany(batch => batch.Records).Sum(record => record.Charges.Sum(charge => charge.Amount)));
    }

    // Of admissions that had to ask for a loan, or a share, before them.
    private async Task<(long Admitted, long Settled)> MeasureAsync(EdgeRevision revision)
    {
        var caller = MeteredEdge.Acme();
        for (var i = 0; i < 300; i++)
        {
            using var known = (await _edge.AdmitAsync(revision, caller, TenTokens)).Reservation!;
            known.Settle(MeteredEdge.Used(4, 6));
        }

        for (var tries = 0; tries < 100; tries++)
        {
            if (TryMeasure(revision, caller) is { } measured)
            {
                return measured;
            }

            await Eventually.HoldsAsync(() => _edge.Meter.AdmitAsync(revision, caller, TenTokens, CancellationToken.None).IsCompletedSuccessfully);
        }

        throw new InvalidOperationException("No admission was covered by leases.");
    }

    private (long Admitted, long Settled)? TryMeasure(EdgeRevision revision, Caller caller)
    {
        var settlement = MeteredEdge.Used(4, 6);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var admission = _edge.Meter.AdmitAsync(revision, caller, TenTokens, CancellationToken.None);
        var admitted = GC.GetAllocatedBytesForCurrentThread();
        if (!admission.IsCompletedSuccessfully)
        {
            return null;
        }

        var reservation = admission.Result.Reservation!;
        var settling = GC.GetAllocatedBytesForCurrentThread();
        reservation.Settle(settlement);
        reservation.Dispose();
        return (admitted - before, GC.GetAllocatedBytesForCurrentThread() - settling);
    }
}
