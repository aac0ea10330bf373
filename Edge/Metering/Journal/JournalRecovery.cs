using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// Tells what former starts of this edge have left in its folder: their records, which the grains count once, the attempts that they did not settle, and the totals of
/// their leases. Then their files go. Whatever fails is tried again; whatever was told twice counts once. Requests do not wait for it.
/// </summary>
internal sealed class JournalRecovery(
    EdgeJournal open, UsageLedger ledger, IClusterClient cluster, SiloConnection connection, EdgeStart start, TimeProvider time, ILogger<JournalRecovery> log) : BackgroundService
{
    private const int AtOnce = 5_000;
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30), time);
    private readonly FormerLeases _leases = new(cluster, start.Workspace);
    private readonly HashSet<string> _recovered = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (open is not { Folder: { } folder, Journal: { } journal })
        {
            return;
        }

        // What is here when this start begins is of former ones; its own files have its own name.
        var files = folder.Files().Where(file => !Path.GetFileName(file).StartsWith(start.Id, StringComparison.Ordinal)).ToArray();
        if (files.Length == 0)
        {
            return;
        }

        await connection.Opened.WaitAsync(stoppingToken);
        JournalReplay? replay = null;
        while (true)
        {
            try
            {
                replay ??= JournalReplay.Read(files, folder.Owner, (file, why) => SetAside(folder, file, why));
                await TellAsync(replay, folder, journal, stoppingToken);
                return;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("What former starts of this edge have left is kept and told again: {Reason}", failure.Message);
            }

            await _backoff.WaitAsync(stoppingToken);
        }
    }

    private void SetAside(JournalFolder folder, string file, string why)
    {
        log.LogError("A file of the journal cannot be read and is set aside as {File}.damaged: {Reason}. What it held is in doubt.", file, why);
        folder.SetAside(file);
    }

    private async Task TellAsync(JournalReplay replay, JournalFolder folder, AttemptJournal journal, CancellationToken cancellation)
    {
        var records = 0;
        foreach (var some in replay.Settled().Chunk(AtOnce))
        {
            await SendAsync(some, cancellation);
            records += some.Length;
        }

        foreach (var record in replay.Unsettled.Where(record => _recovered.Add(record.Id)))
        {
            ledger.Settle(record, null);
        }

        foreach (var lease in replay.Leases)
        {
            await _leases.TellAsync(lease).WaitAsync(CallBound, time, cancellation);
            journal.LeaseEnded(new LeaseCharge(lease.Budget, lease.Subject, lease.Holder, lease.Window, lease.Settled + lease.Reserved));
        }

        log.LogWarning(
            "A former start of this edge was lost: {Records} records of it were sent, {Unsettled} attempts that it did not settle count as reserved, and {Leases} of its leases were told, of which {Doubt} stay in doubt. Entries broken off: {Broken}.",
            records,
            replay.Unsettled.Count,
            replay.Leases.Length,
            replay.Leases.Count(lease => !lease.IsCertain),
            replay.Broken);
        foreach (var file in replay.Files)
        {
            folder.Remove(file);
        }
    }

    // In the order of each day's numbers: what a grain has counted it does not count again.
    private Task SendAsync((string Start, AttemptRecord Record)[] records, CancellationToken cancellation) => Task.WhenAll(records
        .GroupBy(each => (each.Start, each.Record.Tenant, Day: UsageRows.DayOf(each.Record.Ended)))
        .Select(async day =>
        {
            var key = GrainKeys.Join(start.Workspace, day.Key.Tenant, day.Key.Day.ToString(CultureInfo.InvariantCulture));
            foreach (var batch in day.Select(each => each.Record).Chunk(DayUsage.MostRecords))
            {
                await cluster.GetGrain<IEdgeUsageGrain>(key).RecordAsync(new UsageBatch(day.Key.Start, batch[^1].Sequence, [], [.. batch])).WaitAsync(CallBound, time, cancellation);
            }
        }));
}
