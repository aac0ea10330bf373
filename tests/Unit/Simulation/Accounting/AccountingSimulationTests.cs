using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Tests.Unit.Simulation.Reload;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>
/// The accounting of budgets under every fault the simulation knows. <c>SLUICE_ACCOUNTING_SEED</c> replays one run and prints what happened in it;
/// <c>SLUICE_ACCOUNTING_SEEDS</c> sets how many are tried.
/// </summary>
public sealed class AccountingSimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 10_000;

    [Fact]
    public void In_ten_thousand_runs_under_faults_nothing_that_is_promised_is_broken()
    {
        if (Number("SLUICE_ACCOUNTING_SEED") is { } replayed)
        {
            var world = new AccountingWorld(replayed, AccountingVariant.Whole) { Simulator = { Log = output.WriteLine } };
            output.WriteLine($"trace {world.Run():x16}");
            return;
        }

        var broken = new ConcurrentBag<string>();
        var (admitted, refused) = (0L, 0L);
        Parallel.For(1, (long)(Number("SLUICE_ACCOUNTING_SEEDS") ?? DefaultSeeds) + 1, seed =>
        {
            var world = new AccountingWorld((ulong)seed, AccountingVariant.Whole);
            if (Break(world) is { } what)
            {
                broken.Add($"{what}\nreplay: SLUICE_ACCOUNTING_SEED={seed} dotnet run -c Release --project tests/Unit -- -class '*AccountingSimulationTests' -showLiveOutput");
            }

            Interlocked.Add(ref admitted, world.History.Counts.Admitted);
            Interlocked.Add(ref refused, world.History.Counts.Refused);
        });

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{admitted} requests were admitted, {refused} refused"));
        Assert.True(broken.IsEmpty, $"{broken.Count} runs broke a promise:\n{string.Join('\n', broken.Take(10))}");
        Assert.True(admitted > 0 && refused > 0, "a part of the protocol never ran");
    }

    [Fact]
    public void One_seed_is_one_run()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Assert.Equal(new AccountingWorld(seed, AccountingVariant.Whole).Run(), new AccountingWorld(seed, AccountingVariant.Whole).Run());
        }

        Assert.NotEqual(new AccountingWorld(1, AccountingVariant.Whole).Run(), new AccountingWorld(2, AccountingVariant.Whole).Run());
    }

    /// <summary>Each rule is there for something: without it, a bounded number of runs finds what it is there for.</summary>
    [Theory]
    [InlineData(AccountingVariant.CheckThenAct, "I2", 100)]
    [InlineData(AccountingVariant.RefundAtLeaseEnd, "I3", 500)]
    [InlineData(AccountingVariant.DifferencesInReports, "Q3", 500)]
    [InlineData(AccountingVariant.NoCompareAndSwap, "I2", 500)]
    [InlineData(AccountingVariant.AnswerBeforeStoring, "I2", 500)]
    [InlineData(AccountingVariant.SettleWithoutRelease, "Q3", 100)]
    [InlineData(AccountingVariant.OneReservationForTwoAttempts, "Q3", 500)]
    [InlineData(AccountingVariant.ReturnButKeep, "I2", 100)]
    [InlineData(AccountingVariant.RecallBySilence, "I2", 2_000)]
    [InlineData(AccountingVariant.DrainForgetsReserved, "Q3", 500)]
    [InlineData(AccountingVariant.JournalForgetsReserved, "Q3", 500)]
    [InlineData(AccountingVariant.WindowFromReceipt, "Q8", 500)]
    [InlineData(AccountingVariant.RefusalKeepsOtherLevels, "Q9", 500)]
    [InlineData(AccountingVariant.NoRecall, "Q5", 3_000)]
    [InlineData(AccountingVariant.RepeatedBatchesCount, "Q4", 100)]
    [InlineData(AccountingVariant.UnansweredRecordsForgotten, "Q4", 100)]
    [InlineData(AccountingVariant.JournalForgetsBegun, "Q4", 100)]
    public void Without_one_rule_the_simulation_finds_what_breaks(AccountingVariant variant, string invariant, int seeds)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            if (Break(new AccountingWorld(seed, variant)) is { } found && found.StartsWith(invariant, StringComparison.Ordinal))
            {
                output.WriteLine($"after {seed} seeds: {found}");
                return;
            }
        }

        Assert.Fail($"{seeds} seeds did not find what {variant} breaks");
    }

    private static string? Break(AccountingWorld world)
    {
        try
        {
            world.Run();
            return null;
        }
        catch (InvariantBrokenException broken)
        {
            return broken.Message;
        }
        catch (InvalidOperationException asserted) when (asserted.Message.StartsWith('I'))
        {
            // The rules assert I1 and I2 themselves.
            return asserted.Message;
        }
    }

    private static ulong? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;
}
