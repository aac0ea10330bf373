using System.Diagnostics;
using System.Globalization;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Bench.Admission;

/// <summary>Requests that four budgets must admit: of the workspace, the tenant, the user and the key.</summary>
internal sealed class Chain(Meter meter, EdgeRevision revision)
{
    private const int Rounds = 400;
    private const int RoundLength = 2_000;
    private const int WarmRounds = 300;
    private const int MostAtOnce = 256;
    private const int MostTries = 5;
    private static readonly Ask Small = new("bench", 200, 64, null);
    private readonly Reservation[] _held = new Reservation[RoundLength];
    private static readonly Settlement Used = new(UsageSource.Reported, new TokenCounts { Input = 180, Output = 52 }, "bench/model", 200);

    /// <summary>The budgets, as resources in JSON.</summary>
    public static IEnumerable<string> Budgets => new[] { "workspace", "tenant/*", "user/*", "key/*" }.Select((subject, i) =>
        $$"""{"kind":"Budget","name":"level-{{i}}","subject":"{{subject}}","amount":{"tokens":1000000000000000},"window":{"every":"month"} }""");

    /// <summary>The users and keys of so many callers, each with the budget that binds it.</summary>
    public static IEnumerable<(string Budget, string Subject)> Subjects(int callers) => Enumerable.Range(1, callers).Select(Caller).SelectMany(caller =>
        new[] { ("level-2", $"user/{caller.Identity.Tenant}/{caller.Identity.User}"), ("level-3", $"key/{caller.Identity.KeyId}") });

    /// <summary>Time and allocation of an admission, and of its settlement, when leases cover it.</summary>
    public async Task<string> MeasureAsync()
    {
        var caller = Caller(0);
        for (var i = 0; i < WarmRounds; i++)
        {
            await RoundAsync(caller, null);
        }

        var times = new List<Round>(Rounds);
        for (var i = 0; i < Rounds; i++)
        {
            await RoundAsync(caller, times);
        }

        // A round that waited for a loan went on on another thread, and what it allocated is not known.
        var allocated = times.Select(t => t.Allocated).OfType<double>().Order().ToArray();
        var (admit, settle) = (times.Select(t => t.Admit).Order().ToArray(), times.Select(t => t.Settle).Order().ToArray());
        return string.Create(
            CultureInfo.InvariantCulture, $"admit {admit[Rounds / 2]:0} ns, p99 {admit[Rounds * 99 / 100]:0} ns; settle with its record {settle[Rounds / 2]:0} ns; allocated for both {allocated[allocated.Length / 2]:0} B");
    }

    /// <summary>Memory when so many keys, each of a user of its own, have their leases on this edge at once.</summary>
    public async Task<string> SpreadAsync(int keys)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var began = Stopwatch.GetTimestamp();
        var callers = Enumerable.Range(1, keys).Select(Caller).ToArray();
        await Parallel.ForEachAsync(callers, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce }, async (caller, cancellation) =>
        {
            for (var tries = 1; ; tries++)
            {
                var admission = await meter.AdmitAsync(revision, caller, Small, cancellation);
                if (admission.Reservation is { } reservation)
                {
                    reservation.Settle(Used);
                    reservation.Dispose();
                    return;
                }

                // A machine that does other things besides lets a silo answer late: clients are told to come again.
                if (tries == MostTries)
                {
                    throw new InvalidOperationException(admission.Refusal!.Message);
                }
            }
        });
        var elapsed = Stopwatch.GetElapsedTime(began);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var held = GC.GetTotalMemory(forceFullCollection: false) - before;
        using var process = Process.GetCurrentProcess();
        GC.KeepAlive(callers);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{keys * 2} subjects active (users and keys) on one edge: {Mebibytes(held):0} MiB more on its heap, {Mebibytes(process.WorkingSet64):0} MiB of memory in all after a collection; the first loans of all took {elapsed.TotalSeconds:0} s");
    }

    private static Caller Caller(int i) => new(new KeyIdentity("acme", string.Create(CultureInfo.InvariantCulture, $"k{i}"), string.Create(CultureInfo.InvariantCulture, $"u{i}"), null, [], "1.ab"));

    private async Task RoundAsync(Caller caller, List<Round>? times)
    {
        var (thread, allocated) = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
        var held = _held;
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < RoundLength; i++)
        {
            var admission = await meter.AdmitAsync(revision, caller, Small, CancellationToken.None);
            held[i] = admission.Reservation ?? throw new InvalidOperationException(admission.Refusal!.Message);
        }

        var admitted = Stopwatch.GetTimestamp();
        foreach (var reservation in held)
        {
            reservation.Settle(Used);
            reservation.Dispose();
        }

        var ended = Stopwatch.GetTimestamp();
        times?.Add(new Round(
            Nanoseconds(began, admitted),
            Nanoseconds(admitted, ended),
            thread == Environment.CurrentManagedThreadId ? (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)RoundLength : null));
    }

    /// <summary>What one request took in the mean of a round: nanoseconds, and bytes of the thread.</summary>
    private readonly record struct Round(double Admit, double Settle, double? Allocated);

    private static double Mebibytes(long bytes) => bytes / 1024.0 / 1024;

    private static double Nanoseconds(long from, long to) => (to - from) * 1e9 / Stopwatch.Frequency / RoundLength;
}
