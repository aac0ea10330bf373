using Sluice.Edge.Metering;
using Sluice.Grains.Budgets;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Tests.Unit.Simulation.Reload;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>The provider's bill, and whether what happened may: the invariants of docs/accounting.md, judged as each thing happens.</summary>
internal sealed class AccountingHistory(AccountingWorld world)
{
    // Loans whose answers were on their way when the recall was answered: as much as the largest request, of which another level may then lack its part.
    private const int UnderWay = AccountingWorld.Most;
    private static readonly TimeSpan Way = TimeSpan.FromMilliseconds(30);
    private readonly Dictionary<(BudgetAccount Account, string Holder, long Window), long> _bills = [];
    private readonly Dictionary<BudgetAccount, SortedList<long, long>> _windows = world.Accounts.ToDictionary(a => a, _ => new SortedList<long, long>());

    // What was posted of a lease beyond what was billed: of attempts whose usage was not known, and of requests under way at an edge's end.
    private readonly Dictionary<(BudgetAccount Account, string Holder, long Window), long> _unknown = [];
    private AttemptHistory? _attempts;

    /// <summary>The bill by attempt.</summary>
    public AttemptHistory Attempts => _attempts ??= new AttemptHistory(Broken);

    /// <summary>How many requests were admitted and refused.</summary>
    public (int Admitted, int Refused) Counts { get; private set; }

    /// <summary>The provider billed, for an attempt that these leases admitted.</summary>
    public void Billed(string attempt, BudgetAccount[] levels, BudgetLease[] leases, long amount, bool isExcess = false)
    {
        Attempts.Billed(attempt, amount);
        for (var i = 0; i < levels.Length; i++)
        {
            var (account, lease) = (levels[i], leases[i]);
            account.Excess += isExcess ? amount : 0;
            Add(_bills, (account, lease.Holder, lease.Window), amount);
            _windows[account][lease.Window] = _windows[account].GetValueOrDefault(lease.Window) + amount;
            CheckBill(account);
        }
    }

    /// <summary>What was settled beyond what was billed, because nobody knows.</summary>
    public void Unknown(BudgetAccount account, string holder, long window, long amount) => Add(_unknown, (account, holder, window), amount);

    /// <summary>A request was admitted by these leases.</summary>
    public void Admitted(BudgetAccount[] levels, BudgetLease[] leases)
    {
        Counts = (Counts.Admitted + 1, Counts.Refused);
        for (var i = 0; i < levels.Length; i++)
        {
            if (world.ClocksAreRight && leases[i].Window != BudgetCalendar.At(world.Window, world.Time).Start.UtcTicks)
            {
                Broken("Q8", $"{levels[i].Name} was charged to a window that began at {new DateTime(leases[i].Window):T} at {world.Time:T}");
            }

            if (leases[i].Escrow.Free < 0 && levels[i].Excess == 0 && !leases[i].Escrow.IsSealed)
            {
                Broken("I2", $"{levels[i].Name} of {leases[i].Holder} reserved beyond its lease");
            }
        }
    }

    /// <summary>A level that had admitted a request gave back what was reserved, since another one did not: it must have what it had before, at once.</summary>
    public void Released(BudgetAccount account, BudgetLease lease, long change)
    {
        if (change != 0)
        {
            Broken("Q9", $"{-change} of {account.Name} stay reserved by {lease.Holder} for a request that was not admitted");
        }
    }

    /// <summary>A request was refused for want of one level.</summary>
    public void Refused(SimulatedEdge edge, BudgetAccount account, long worst, bool isFresh)
    {
        Counts = (Counts.Admitted, Counts.Refused + 1);
        world.Simulator.Note("refused", edge.Node.Name, worst);
        if (!world.IsCalm || !isFresh)
        {
            // A refusal holds for a moment for those who need as much.
            return;
        }

        var row = account.Storage.Row;

        // The answer was on its way: a window may have ended since.
        var terms = world.TermsOf(account, world.Time);
        var before = world.TermsOf(account, world.Time - Way);
        var held = world.LiveEdges.Sum(e => e.Meters[account].Book.Current is { } lease && lease.Window == terms.Window ? Math.Max(0, lease.Escrow.Free) : 0);
        if (Math.Min(row.Left(terms), row.Left(before)) + held >= worst + (account.Limit / 100) + UnderWay)
        {
            Broken("Q5", $"{edge.Node.Name} refused {worst}, though {row.Left(terms)} of {account.Name} could be lent and {held} were held unused");
        }
    }

    /// <summary>A row was written, whatever its writer comes to know.</summary>
    public void Stored(BudgetAccount account, BudgetLedger row)
    {
        var terms = new BudgetTerms(row.Windows[0].Start, row.Windows[0].Start - world.Counting, 0);

        // What was added to a rolling window counts for its length, and what was lent of it may count a little longer.
        var added = world.Counting == 0 ? row.LimitOf(terms) : account.Added;
        if (row.Committed(terms) - added > account.GreatestLimit + account.Excess)
        {
            Broken("I1", $"{row.Committed(terms)} of {account.Name} are committed, {account.GreatestLimit} and {added} more were ever allowed");
        }

        foreach (var edge in world.LiveEdges)
        {
            Compare(edge, account, row, edge.Meters[account].Book.Current);
        }
    }

    /// <summary>An answer was taken.</summary>
    public void Lent(SimulatedEdge edge, SimulatedMeter meter)
    {
        if (meter.Book.Current is { } lease)
        {
            edge.Note(meter.Account, lease);
            Compare(edge, meter.Account, meter.Account.Storage.Row, lease);
        }
    }

    /// <summary>A lease was closed with a figure that counts what was under way as spent.</summary>
    public void Drained(BudgetAccount account, LeaseReport report, long settled) => Unknown(account, report.Edge, report.Window, Math.Max(0, report.Spent - settled));

    /// <summary>After all is quiet: what is posted and what is in doubt covers the bill exactly.</summary>
    public void CheckQuiet()
    {
        Attempts.CheckQuiet(world.Usage.Storage.Row);
        foreach (var account in world.Accounts)
        {
            foreach (var window in account.Storage.Row.Windows)
            {
                CheckQuiet(account, window);
            }
        }

        if (world.Deaths == 0 && world.Drains == 0)
        {
            var posted = world.Accounts.ToDictionary(a => a, a => a.Storage.Row.Windows.Sum(w => w.Posted));
            if (world.Counting == 0 && posted[world.Tenant] != posted.Values.Sum() - posted[world.Tenant])
            {
                Broken("Q7", $"{posted[world.Tenant]} are posted of the tenant, {posted.Values.Sum() - posted[world.Tenant]} of its keys");
            }
        }
    }

    private void CheckQuiet(BudgetAccount account, LedgerWindow window)
    {
        var open = window.Leases.Select(l => l.Edge).ToHashSet(StringComparer.Ordinal);
        open.UnionWith(window.Resolved.Select(r => r.Edge));
        var closed = _bills.Where(b => b.Key.Account == account && b.Key.Window == window.Start && !open.Contains(b.Key.Holder)).Sum(b => b.Value);
        var unknown = _unknown.Where(b => b.Key.Account == account && b.Key.Window == window.Start && !open.Contains(b.Key.Holder)).Sum(b => b.Value);
        var posted = window.Posted - window.Resolved.Sum(r => r.Spent);
        if (posted < closed || posted > closed + unknown)
        {
            Broken("Q3", $"{posted} are posted of {account.Name}, {closed} were billed, and {unknown} more may have been");
        }

        foreach (var lease in window.Leases)
        {
            var billed = _bills.GetValueOrDefault((account, lease.Edge, window.Start));
            if (billed > Math.Max(lease.Out, lease.Spent) + account.Excess)
            {
                Broken("Q3", $"{lease.Out} of {account.Name} are in doubt with {lease.Edge}, {billed} were billed");
            }

            var isCurrent = window.Start == account.Storage.Row.Windows[0].Start;
            if (!world.IsDead(lease.Edge) && (isCurrent || billed > 0))
            {
                Broken("Q3", $"{lease.Out} of {account.Name} are held by {lease.Edge}, which has ended in good order");
            }
        }
    }

    // At every prefix of the bill: no window, and none that counts with it, holds more than was ever allowed.
    private void CheckBill(BudgetAccount account)
    {
        var allowed = account.GreatestLimit + account.Excess + account.Added;
        var (windows, sum) = (_windows[account], 0L);
        for (int first = 0, last = 0; last < windows.Count; last++)
        {
            sum += windows.GetValueAtIndex(last);
            while (windows.GetKeyAtIndex(first) < windows.GetKeyAtIndex(last) - world.Counting)
            {
                sum -= windows.GetValueAtIndex(first++);
            }

            if (sum > allowed)
            {
                Broken("Q1", $"{sum} were billed of {account.Name}, {allowed} were ever allowed");
            }
        }
    }

    // What an edge believes to have is never more than what is stored as lent to it.
    private void Compare(SimulatedEdge edge, BudgetAccount account, BudgetLedger row, BudgetLease? lease)
    {
        if (lease is not { Window: not BudgetLease.UnknownWindow, Escrow.Amount: > 0 } || !edge.Node.IsUp)
        {
            // Of a loan that was refused nothing is stored.
            return;
        }

        if (row.At(lease.Window).Find(lease.Holder) is not { } stored)
        {
            Broken("I3", $"{lease.Holder} spends from a lease of {account.Name} that is not open");
        }
        else if (stored.Amount < lease.Escrow.Amount || stored.Returned > lease.Escrow.Returned)
        {
            Broken("I2", $"{lease.Holder} believes to have {lease.Escrow.Amount} - {lease.Escrow.Returned} of {account.Name}, stored are {stored.Amount} - {stored.Returned}");
        }
    }

    private static void Add<T>(Dictionary<T, long> sums, T key, long amount)
        where T : notnull => sums[key] = sums.GetValueOrDefault(key) + amount;

    private void Broken(string invariant, string message) => throw new InvariantBrokenException(
        invariant, $"{message} (at {world.Simulator.Now}, seed {world.Simulator.Seed}, {world.Variant})");
}
