using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>Whether a level that did not cover a request may cover it now.</summary>
/// <param name="Kind">What became of the wait.</param>
/// <param name="Answer">Of the budget that refuses.</param>
/// <param name="Wait">Of the limit that refuses: after which time it would fit; null: never under this limit.</param>
internal readonly record struct Room(RoomKind Kind, BorrowAnswer? Answer, TimeSpan? Wait)
{
    /// <summary>Of a limit that refuses, where the grain decided: what is lacking.</summary>
    public RateKind? Lacks { get; init; }

    /// <summary>Whether the grain has let the request pass this level.</summary>
    public bool IsGranted { get; init; }

    /// <summary>The grain has let the request pass this level.</summary>
    public static Room Granted => Made with { IsGranted = true };

    /// <summary>It is worth another try.</summary>
    public static Room Made => new(RoomKind.Made, null, null);

    /// <summary>No silo answered in time.</summary>
    public static Room Unreachable => new(RoomKind.Unreachable, null, null);

    /// <summary>The budget does not lend what is needed.</summary>
    public static Room Spent(BorrowAnswer answer) => new(RoomKind.Refused, answer, null);

    /// <summary>The limit does not let it through.</summary>
    public static Room Limited(TimeSpan? wait) => new(RoomKind.Refused, null, wait);
}

/// <summary>What became of a wait for room.</summary>
internal enum RoomKind
{
    Made,
    Refused,
    Unreachable,
}
