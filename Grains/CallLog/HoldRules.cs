using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Grains.CallLog;

/// <summary>What holds keep of a tenant's bodies. Pure.</summary>
internal static class HoldRules
{
    /// <summary>Those that have not ended.</summary>
    public static ImmutableArray<BodyHold> In(ImmutableArray<BodyHold> holds, DateTimeOffset now) => holds.RemoveAll(hold => hold.Until <= now);

    /// <summary>Whether one of them keeps a body.</summary>
    public static bool Keep(ImmutableArray<BodyHold> holds, CallBody body) => holds.Any(hold => Keeps(hold, body));

    /// <summary>Whether a hold keeps a body.</summary>
    public static bool Keeps(BodyHold hold, CallBody body) =>
        (hold.Request is null || string.Equals(hold.Request, body.RequestId, StringComparison.Ordinal)) && (hold.User is null || string.Equals(hold.User, body.User, StringComparison.Ordinal));

    /// <summary>Whether it keeps all of the tenant's.</summary>
    public static bool KeepsAll(BodyHold hold) => hold is { Request: null, User: null };

    /// <summary>For people: of what it is, and why.</summary>
    public static string Describe(BodyHold hold) => string.Create(
        CultureInfo.InvariantCulture,
        $"{hold.Id}: {(hold.Request is { } request ? $"call {request}" : hold.User is { } user ? $"user {user}" : "all calls")}{(hold.Until is { } until ? $", until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}" : "")}: {hold.Why}");
}
