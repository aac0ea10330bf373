using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.CallLog;

/// <summary>Bodies that must not be let go, neither with time nor by anybody, until this ends. It binds those that are there and those that come.</summary>
/// <param name="Id">By which it is known.</param>
/// <param name="Request">Of this call alone; null: of any.</param>
/// <param name="User">Of this user alone; null: of any. With neither: of all calls of the tenant.</param>
/// <param name="Why">For people: the matter that it is for.</param>
/// <param name="Until">When it ends by itself; null: when it is released.</param>
/// <param name="By">Who placed it.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("sluice.body-hold")]
public sealed record BodyHold(
    [property: Id(0)] string Id,
    [property: Id(1)] string? Request,
    [property: Id(2)] string? User,
    [property: Id(3)] string Why,
    [property: Id(4)] DateTimeOffset? Until,
    [property: Id(5)] Author By,
    [property: Id(6)] DateTimeOffset At);

/// <summary>A call whose bodies are held; nothing of what was said.</summary>
[GenerateSerializer, Immutable, Alias("sluice.held-call")]
public sealed record HeldCall([property: Id(0)] string Request, [property: Id(1)] string? User, [property: Id(2)] DateTimeOffset Arrived);

/// <summary>What a hold keeps of what is there.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="Calls">By their ids, and so the oldest first; a thousand at most.</param>
/// <param name="IsWhole">False: there are more after the last of these.</param>
[GenerateSerializer, Immutable, Alias("sluice.held-calls")]
public sealed record HeldCalls([property: Id(0)] BodyHold Hold, [property: Id(1)] ImmutableArray<HeldCall> Calls, [property: Id(2)] bool IsWhole);

/// <summary>What became of bodies that were to be let go.</summary>
/// <param name="Calls">Of how many calls they are gone.</param>
/// <param name="Held">Of how many more that were meant they stay, for they are held.</param>
[GenerateSerializer, Immutable, Alias("sluice.bodies-erased")]
public sealed record BodiesErased([property: Id(0)] int Calls, [property: Id(1)] int Held);

/// <summary>A part of an export.</summary>
/// <param name="Bodies">Those that are kept, in the order in which they were asked for.</param>
/// <param name="Looked">So many of the requests were looked for; the others are to be asked for again.</param>
[GenerateSerializer, Immutable, Alias("sluice.exported-bodies")]
public sealed record ExportedBodies([property: Id(0)] ImmutableArray<CallBody> Bodies, [property: Id(1)] int Looked)
{
    public override string ToString() => "***";
}
