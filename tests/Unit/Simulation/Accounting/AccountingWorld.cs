using System.Globalization;
using Sluice.Grains.Budgets;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>
/// A tenant's budget and those of its two keys under faults: grains perhaps active twice, edges that come and go, with and without a journal, operators who edit limits, add
/// to budgets and resolve what is in doubt, and requests for a provider whose bill is the witness. Everything is decided by the seed. See docs/accounting.md for what must hold.
/// </summary>
internal sealed class AccountingWorld
{
    private const int Edges = 3;

    /// <summary>The most that a request may use.</summary>
    public const int Most = 60;

    private const double Drift = 0.0009;
    private static readonly TimeSpan Healed = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(8.7);
    private static readonly TimeSpan End = TimeSpan.FromSeconds(12);

    // Days turn in the middle of the run; pieces of rolling windows a few times in a second.
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 23, 59, 57, TimeSpan.Zero);
    private static readonly BudgetWindow[] Windows =
    [
        new(WindowLength.Day, "UTC"), new(WindowLength.Month, "UTC"), new(WindowLength.Rolling, "UTC", TimeSpan.FromSeconds(12)), new(WindowLength.Lifetime, "UTC"),
    ];

    private readonly HashSet<string> _dead = new(StringComparer.Ordinal);
    private int _names;
    private int _topUps;

    public AccountingWorld(ulong seed, AccountingVariant variant)
    {
        (Variant, Simulator) = (variant, new Simulator(seed));
        Window = Windows[(int)(seed % 6) % 4];
        Counting = Window.Rolling?.Ticks ?? 0;
        Network = new SimulatedNetwork(Simulator);
        Operator = NewNode("operator");
        Accounts = [new BudgetAccount(this, "tenant", 200 + Simulator.Random.Below(2_000)), new BudgetAccount(this, "key-a", 100 + Simulator.Random.Below(1_500)), new BudgetAccount(this, "key-b", 100 + Simulator.Random.Below(1_500))];
        History = new AccountingHistory(this);
        Usage = new UsageAccount(this);
        foreach (var account in Accounts)
        {
            account.Activations.Add(new SimulatedBudget(this, account, NewNode("budget")));
        }

        for (var i = 0; i < Edges; i++)
        {
            StartEdge();
        }

        Simulator.Start(OperateAsync);
        new AccountingFaults(this).Schedule(Healed);
    }

    public AccountingVariant Variant { get; }

    public Simulator Simulator { get; }

    public SimulatedNetwork Network { get; }

    public AccountingHistory History { get; }

    public SimulatedNode Operator { get; }

    public BudgetWindow Window { get; }

    /// <summary>How long before a window's start others began that count with it, in ticks.</summary>
    public long Counting { get; }

    public BudgetAccount[] Accounts { get; }

    /// <summary>The ledger of attempts.</summary>
    public UsageAccount Usage { get; }

    public BudgetAccount Tenant => Accounts[0];

    public List<SimulatedEdge> LiveEdges { get; } = [];

    /// <summary>Of the last change of limits.</summary>
    public long Revision { get; private set; } = 1;

    /// <summary>The true wall time.</summary>
    public DateTimeOffset Time => Begin + Simulator.Now;

    /// <summary>Whether no wall clock was ever set.</summary>
    public bool ClocksAreRight { get; private set; } = true;

    /// <summary>All was healed some time ago: a refusal must be right.</summary>
    public bool IsCalm => Simulator.Now >= Calm && ClocksAreRight;

    public int Deaths { get; private set; }

    public int Drains { get; private set; }

    /// <summary>Runs to the end, and answers the hash of all that happened.</summary>
    /// <exception cref="Reload.InvariantBrokenException">Something that must hold did not.</exception>
    public ulong Run()
    {
        Simulator.RunTo(Healed);
        Network.Heal();
        foreach (var account in Accounts)
        {
            account.Storage.Faults = StorageFaults.None;
        }

        Usage.Storage.Faults = StorageFaults.None;

        Simulator.RunTo(Quiet);
        foreach (var edge in LiveEdges.ToList())
        {
            // What is under way ends first: from here the sums must be exact.
            Simulator.After(TimeSpan.FromSeconds(1), () => Simulator.Start(edge.DrainAsync));
        }

        Simulator.RunTo(End);
        History.CheckQuiet();
        return Simulator.Trace;
    }

    public BudgetAccount Account(string name) => Array.Find(Accounts, a => string.Equals(a.Name, name, StringComparison.Ordinal))!;

    public BudgetTerms TermsOf(BudgetAccount account, DateTimeOffset at)
    {
        var span = BudgetCalendar.At(Window, at);
        return new BudgetTerms(span.Start.UtcTicks, span.From.UtcTicks, account.Limit);
    }

    public DateTimeOffset WallOf(SimulatedNode node) => Begin + node.Wall;

    public bool IsDead(string holder) => _dead.Contains(LeaseName.Parse(holder).Edge);

    public SimulatedNode NewNode(string kind)
    {
        var drift = Simulator.Random.Below(3) switch { 0 => -Drift, 1 => 0, _ => Drift };
        return new SimulatedNode(Simulator, string.Create(CultureInfo.InvariantCulture, $"{kind}-{++_names}"), drift);
    }

    public void MoveClocks(SimulatedNode node, TimeSpan by)
    {
        ClocksAreRight = false;
        node.JumpWall(by);
    }

    /// <summary>An edge dies amid its requests; it comes back with its journal, or another one without.</summary>
    public void KillEdge(SimulatedEdge edge)
    {
        edge.Node.Kill();
        LiveEdges.Remove(edge);
        Deaths++;
        _dead.Add(edge.Node.Name);
        var next = StartEdge();
        if (Simulator.Random.Happens(0.5))
        {
            Simulator.After(Simulator.Random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(4)), () => Simulator.Start(() => next.ReplayAsync(edge)));
        }
    }

    /// <summary>An edge ends in good order, while requests are under way.</summary>
    public void EndEdge(SimulatedEdge edge)
    {
        LiveEdges.Remove(edge);
        Drains++;
        Simulator.Start(edge.DrainAsync);
        StartEdge();
    }

    private SimulatedEdge StartEdge()
    {
        var edge = new SimulatedEdge(this, NewNode("edge"));
        LiveEdges.Add(edge);
        var pause = TimeSpan.FromMilliseconds(Simulator.Random.Happens(0.3) ? 60 : 220);
        Simulator.Start(async () =>
        {
            while (edge.Node.IsUp && Simulator.Now < Quiet && LiveEdges.Contains(edge))
            {
                await edge.Node.DelayAsync(Simulator.Random.Between(TimeSpan.FromMilliseconds(2), pause));
                var most = Simulator.Now >= Calm ? 10 : Most;
                Simulator.Start(() => edge.RequestAsync(Accounts[1 + Simulator.Random.Below(2)], 1 + Simulator.Random.Below(most)));
            }
        });
        return edge;
    }

    // Edits limits, adds to budgets, and resolves what lost edges hold.
    private async Task OperateAsync()
    {
        while (Simulator.Now < Healed)
        {
            await Simulator.DelayAsync(Simulator.Random.Between(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(4)));
            if (Simulator.Now >= Healed)
            {
                return;
            }

            var account = Simulator.Random.Pick(Accounts);
            switch (Simulator.Random.Below(3))
            {
                case 0:
                    account.Declare(100 + Simulator.Random.Below(2_000));
                    Revision++;
                    LiveEdges.ForEach(edge => Simulator.After(Simulator.Random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1)), () => edge.Revision = Math.Max(edge.Revision, Revision)));
                    break;
                case 1:
                    await AddAsync(account, 50 + Simulator.Random.Below(500));
                    break;
                default:
                    await ResolveAsync(account);
                    break;
            }
        }
    }

    private async Task AddAsync(BudgetAccount account, long amount)
    {
        var topUp = new LedgerTopUp(string.Create(CultureInfo.InvariantCulture, $"t{++_topUps}"), amount, "ann", Time, "");
        account.Added += amount;
        for (var tries = 0; tries < 3; tries++)
        {
            var grain = account.Any();
            await Network.CallAsync(Operator, grain.Node, () => grain.ChangeAsync((ledger, terms) => ledger.Add(topUp, terms)), TimeSpan.FromSeconds(1));
        }
    }

    private async Task ResolveAsync(BudgetAccount account)
    {
        var grain = account.Any();
        await Network.CallAsync(Operator, grain.Node, () => grain.ChangeAsync((ledger, _) =>
        {
            var lost = ledger.Windows.SelectMany(w => w.Leases.Where(l => IsDead(l.Edge)).Select(l => (w.Start, Lease: l))).FirstOrDefault();
            return lost.Lease is null ? ledger : ledger.Resolve(lost.Lease.Edge, lost.Start, lost.Lease.Out, "ann", Time);
        }), TimeSpan.FromSeconds(1));
    }
}
