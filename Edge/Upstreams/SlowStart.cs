namespace Sluice.Edge.Upstreams;

/// <summary>How much of its weight an address has that is new or has come back: a tenth at once, all of it after a time. Plain rules.</summary>
internal static class SlowStart
{
    /// <summary>What it has at once.</summary>
    public const double Least = 0.1;

    /// <summary>The part of its weight, from <see cref="Least"/> to 1.</summary>
    /// <param name="wellFor">Since it came or came back.</param>
    /// <param name="over">Until it has all of its weight.</param>
    public static double PartAt(TimeSpan wellFor, TimeSpan over) => wellFor >= over ? 1 : Math.Max(Least, wellFor / over);
}
