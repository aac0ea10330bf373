using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.CallLog;

/// <summary>What was said in a call, as far as it is kept: by opt-in, without what was made unreadable. Its text form shows nothing of it.</summary>
/// <param name="RequestId">Of the call.</param>
/// <param name="User">The user whom the key stands for; empty: none.</param>
/// <param name="Arrived">When the call came.</param>
/// <param name="Days">For how many days it is kept.</param>
/// <param name="RequestHeaders"><c>name: value</c>, those that are allowed.</param>
/// <param name="Request">What the client sent.</param>
/// <param name="AnswerHeaders">Of the answer.</param>
/// <param name="Answer">What it was sent.</param>
[GenerateSerializer, Immutable, Alias("sluice.call-body")]
public sealed record CallBody(
    [property: Id(0)] string RequestId,
    [property: Id(1)] string User,
    [property: Id(2)] DateTimeOffset Arrived,
    [property: Id(3)] int Days,
    [property: Id(4)] ImmutableArray<string> RequestHeaders,
    [property: Id(5)] LoggedBody Request,
    [property: Id(6)] ImmutableArray<string> AnswerHeaders,
    [property: Id(7)] LoggedBody Answer)
{
    public override string ToString() => $"{RequestId} ***";
}

/// <summary>One body.</summary>
/// <param name="Type">Its media type, without parameters.</param>
/// <param name="Size">Of the whole, in bytes, as it went over the wire.</param>
/// <param name="Text">What is kept; null: nothing.</param>
/// <param name="Why">Why there is nothing, or not all; null: it is whole.</param>
[GenerateSerializer, Immutable, Alias("sluice.logged-body")]
public sealed record LoggedBody([property: Id(0)] string Type, [property: Id(1)] long Size, [property: Id(2)] string? Text, [property: Id(3)] string? Why)
{
    public override string ToString() => "***";
}

/// <summary>Somebody read, erased, exported, held or released bodies.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who.</param>
/// <param name="Act">What he did.</param>
/// <param name="What">Of which call, or which were chosen.</param>
[GenerateSerializer, Immutable, Alias("sluice.body-access")]
public sealed record BodyAccess([property: Id(0)] DateTimeOffset At, [property: Id(1)] Author By, [property: Id(2)] BodyAct Act, [property: Id(3)] string What);

/// <summary>What may be done to bodies.</summary>
public enum BodyAct
{
    /// <summary>They were shown.</summary>
    Read,

    /// <summary>They were let go.</summary>
    Erased,

    /// <summary>They were exported.</summary>
    Exported,

    /// <summary>They were put on hold.</summary>
    Held,

    /// <summary>A hold ended.</summary>
    Released,
}

/// <summary>What is kept of a tenant.</summary>
/// <param name="Calls">How many calls.</param>
/// <param name="Bytes">In files, sealed.</param>
/// <param name="Oldest">When the oldest of them came; null: there are none.</param>
/// <param name="Accesses">The last who did something to them, newest first.</param>
[GenerateSerializer, Immutable, Alias("sluice.bodies-summary")]
public sealed record BodiesSummary([property: Id(0)] int Calls, [property: Id(1)] long Bytes, [property: Id(2)] DateTimeOffset? Oldest, [property: Id(3)] ImmutableArray<BodyAccess> Accesses)
{
    /// <summary>What must not be let go, oldest first.</summary>
    [Id(4)]
    public ImmutableArray<BodyHold> Holds { get; init; } = [];
}
