namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>The order of heads: by term, then by revision. An edge only ever goes forward in it.</summary>
public static class HeadOrder
{
    /// <summary>Before the first publish.</summary>
    public static Head Nothing { get; } = new(0, 0, "");

    /// <summary>Whether a head comes after another.</summary>
    public static bool IsAfter(Head head, Head than) => (head.Term, head.Revision).CompareTo((than.Term, than.Revision)) > 0;

    /// <summary>Whether a head is the other one or comes after it.</summary>
    public static bool HasReached(Head head, Head other) => !IsAfter(other, head);
}
