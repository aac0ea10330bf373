namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>
/// The protocol, or the protocol with one rule taken away where the simulation drives it: proof that the simulation finds what the rule is there for. The rules
/// themselves have no such switch.
/// </summary>
public enum AccountingVariant
{
    /// <summary>The protocol of docs/accounting.md.</summary>
    Whole,

    /// <summary>An edge looks whether a request fits, and takes what it needs a moment later.</summary>
    CheckThenAct,

    /// <summary>A lease that was not heard of for some time is closed with what it had reported.</summary>
    RefundAtLeaseEnd,

    /// <summary>Reports carry what was spent since the last one.</summary>
    DifferencesInReports,

    /// <summary>The ledger is written whatever another activation has written.</summary>
    NoCompareAndSwap,

    /// <summary>A loan is answered before it is stored.</summary>
    AnswerBeforeStoring,

    /// <summary>What a request reserved and did not use is not free again.</summary>
    SettleWithoutRelease,

    /// <summary>A second attempt goes on the reservation of the first.</summary>
    OneReservationForTwoAttempts,

    /// <summary>What is given back can still be spent.</summary>
    ReturnButKeep,

    /// <summary>What an edge does not give back in time is taken as given back.</summary>
    RecallBySilence,

    /// <summary>An edge's last report leaves out what requests still hold.</summary>
    DrainForgetsReserved,

    /// <summary>After a restart the journal tells what was settled, not what was under way.</summary>
    JournalForgetsReserved,

    /// <summary>An edge counts the rest of a window from the moment the answer came.</summary>
    WindowFromReceipt,

    /// <summary>What the other levels had reserved stays reserved when one refuses.</summary>
    RefusalKeepsOtherLevels,

    /// <summary>Nothing is recalled from other edges.</summary>
    NoRecall,

    /// <summary>A batch of records that comes again is counted again.</summary>
    RepeatedBatchesCount,

    /// <summary>Records are let go of when they were sent, whether that is answered or not.</summary>
    UnansweredRecordsForgotten,

    /// <summary>After a restart the journal tells nothing of attempts that were under way.</summary>
    JournalForgetsBegun,
}
