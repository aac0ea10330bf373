namespace Sluice.Edge.Metering;

/// <summary>The name under which the grain of a budget knows this edge, and the loans that were asked for under it.</summary>
internal sealed class LeaseHolder(string name)
{
    public string Name => name;

    /// <summary>The number of the next loan: the grain answers a repeated one as it did the first time.</summary>
    public long Operation { get; private set; } = 1;

    /// <summary>Whether that loan was asked for before, without an answer.</summary>
    public bool IsRepeat { get; private set; }

    public void Answered() => (Operation, IsRepeat) = (Operation + 1, false);

    /// <summary>Whether it was lent is not known: the same operation is asked again.</summary>
    public void Unanswered() => IsRepeat = true;
}
