using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>
/// The rules by which an edge holds its leases of one budget: which one requests are charged to, what is asked for under which name and number, what is reported and given
/// back. Plain code without clock or calls; used under one lock, but for <see cref="Current"/> and what it holds. See docs/accounting.md, "Protocol".
/// </summary>
/// <param name="newName">Gives a name under which this edge never closed a lease.</param>
internal sealed class LeaseBook(Func<string> newName)
{
    private readonly List<BudgetLease> _closing = [];
    private BudgetLease? _current;
    private string? _name;
    private long _operation = 1;
    private long _window;
    private long _recall;
    private bool _isRepeat;
    private bool _isDirect;
    private bool _listens;

    /// <summary>The lease of the current window; null: none.</summary>
    public BudgetLease? Current => Volatile.Read(ref _current);

    /// <summary>Whether there is no lease, open or closing, and none that is not known of.</summary>
    public bool IsEmpty => _current is null && _closing.Count == 0 && !IsUnanswered;

    /// <summary>Whether a loan was asked for without an answer: it may have been lent, so it must be asked for again before its name is given up.</summary>
    public bool IsUnanswered => Volatile.Read(ref _isRepeat);

    /// <summary>Whether the budget's end is near: nothing is borrowed ahead of need, and nothing kept.</summary>
    public bool IsDirect => Volatile.Read(ref _isDirect);

    /// <summary>Whether the grain may need what is held here unused.</summary>
    public bool Listens => Volatile.Read(ref _listens) && Current is not null;

    /// <summary>Whether <see cref="Due"/> may have reports.</summary>
    public bool HasDue => _closing.Count > 0 || _current is { IsToBeReported: true };

    private string Name => _name ??= newName();

    /// <summary>What the grain is to be asked; the same operation again until it is answered.</summary>
    public BorrowRequest Ask(long need, long want, long waiting, long revision) =>
        new(Name, _operation, need, IsDirect ? need : want, revision, _current?.Report(close: false), waiting, _recall);

    /// <summary>No answer came: whether it was lent is not known.</summary>
    public void Unanswered() => _isRepeat = true;

    /// <summary>Takes an answer.</summary>
    /// <param name="asked">What was asked.</param>
    /// <param name="answer">The grain's.</param>
    /// <param name="now">A timestamp from before it was asked.</param>
    /// <param name="endsAt">A timestamp: until then the window is certain, but for the answer of a repeated question, which tells the rest of the window as it was the first time.</param>
    public Loan Answered(BorrowRequest asked, BorrowAnswer answer, long now, long endsAt)
    {
        if (!string.Equals(asked.Edge, _name, StringComparison.Ordinal))
        {
            // The name was given up meanwhile: what was lent to it goes back.
            GiveUp(asked, answer, isLast: true);
            return new Loan(answer, IsRepeat: true, IsShort: true);
        }

        var isRepeat = _isRepeat;
        (_operation, _isRepeat, _recall) = (_operation + 1, false, answer.Recall);
        Volatile.Write(ref _isDirect, answer.IsDirect);
        Volatile.Write(ref _listens, answer.Listen);
        if (!answer.Declared || answer.IsClosed)
        {
            CloseForGood();
            return new Loan(answer, isRepeat, IsShort: true);
        }

        if (answer.Window < _window)
        {
            // A grain whose clock was set back lends in a window that this name has left: nothing is spent from that, and the next lease has another name.
            GiveUp(asked, answer, isLast: false);
            CloseForGood();
            return new Loan(answer, IsRepeat: true, IsShort: true);
        }

        _window = answer.Window;
        var before = _current is { } known && known.Window == answer.Window ? known.Escrow.Amount : 0;
        if (_current is { } old && old.Window != BudgetLease.UnknownWindow && old.Window != answer.Window)
        {
            Close();
        }

        var lease = Open();
        lease.Window = answer.Window;
        lease.EndsAt = isRepeat ? now : endsAt;
        lease.Escrow.Grow(answer.Amount);
        return new Loan(answer, isRepeat, answer.Amount - before < asked.Need);
    }

    /// <summary>The current lease; where there is none, one for a window that the grain has yet to tell.</summary>
    public BudgetLease Open()
    {
        var lease = _current ?? new BudgetLease(Name);
        Volatile.Write(ref _current, lease);
        return lease;
    }

    /// <summary>Closes a lease whose window the grain may know for longer: the next one has a name of its own, for a closed one is never lent to again.</summary>
    public void CloseForGood()
    {
        Close();
        if (_closing.FindLast(lease => string.Equals(lease.Holder, _name, StringComparison.Ordinal) && lease.Window == _window) is { } last)
        {
            last.IsLast = true;
        }

        (_name, _operation, _isRepeat, _window) = (null, 1, false, 0);
    }

    /// <summary>Takes what is free above <paramref name="keep"/> out of the current lease: it goes back with the next report. True where there was any.</summary>
    public bool GiveBack(long keep) => _current is { } lease && lease.Window != BudgetLease.UnknownWindow && lease.Escrow.TakeBack(keep) > 0;

    /// <summary>The reports that are due: the last ones of leases that nothing is held of any more, and of the current one what is new.</summary>
    public List<LeaseReport> Due()
    {
        _closing.RemoveAll(lease => lease is { Window: BudgetLease.UnknownWindow, Escrow.IsHeld: false });
        var due = _closing.Where(IsDue).Select(lease => lease.Report(close: true)).OfType<LeaseReport>().ToList();
        if (_current is { IsToBeReported: true } open)
        {
            due.Add(open.Report(close: false)!);
        }

        return due;
    }

    /// <summary>A report was answered.</summary>
    public void Reported(LeaseReport report, ReportAnswer answer)
    {
        if (report.Close)
        {
            _closing.RemoveAll(lease => lease.Window == report.Window && string.Equals(lease.Holder, report.Edge, StringComparison.Ordinal));
        }
        else if (_current is { } open && open.Window == report.Window && string.Equals(open.Holder, report.Edge, StringComparison.Ordinal))
        {
            open.Reported = report;
            Volatile.Write(ref _listens, answer.Listen);
            if (answer.IsClosed)
            {
                // Somebody closed it without us; what requests still hold of it is told when they end.
                CloseForGood();
            }
        }
    }

    /// <summary>The last reports of all leases, at the edge's end. What requests still hold counts as spent: the grain must not lend it again.</summary>
    public List<LeaseReport> Drain()
    {
        CloseForGood();
        return [.. _closing.OrderBy(lease => lease.IsLast).Select(Last).OfType<LeaseReport>()];
    }

    private void GiveUp(BorrowRequest asked, BorrowAnswer answer, bool isLast)
    {
        if (answer is { Declared: true, IsClosed: false } && !_closing.Exists(lease => lease.Window == answer.Window && string.Equals(lease.Holder, asked.Edge, StringComparison.Ordinal)))
        {
            var back = new BudgetLease(asked.Edge) { Window = answer.Window, IsLast = isLast };
            back.Escrow.Seal();
            _closing.Add(back);
        }
    }

    private static LeaseReport? Last(BudgetLease lease)
    {
        // Read first: what settles between these lines is then counted twice rather than not at all.
        var reserved = lease.Escrow.Reserved;
        return lease.Report(close: true) is { } report ? report with { Spent = report.Spent + reserved } : null;
    }

    // The last of a name ends it whole, so all others come first.
    private bool IsDue(BudgetLease lease) => !lease.Escrow.IsHeld
        && !(lease.IsLast && _closing.Exists(other => other != lease && string.Equals(other.Holder, lease.Holder, StringComparison.Ordinal)));

    private void Close()
    {
        if (_current is { } lease)
        {
            lease.Escrow.Seal();
            _closing.Add(lease);
            Volatile.Write(ref _current, null);
        }
    }
}

/// <summary>What became of a loan.</summary>
/// <param name="Answer">Null: no silo answered in time.</param>
/// <param name="IsRepeat">The operation was asked before: the answer may be of then.</param>
/// <param name="IsShort">Less was lent than was needed.</param>
internal sealed record Loan(BorrowAnswer? Answer, bool IsRepeat, bool IsShort);
