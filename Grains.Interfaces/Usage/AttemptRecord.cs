using System.Collections.Immutable;
using System.Globalization;

namespace Sluice.Grains.Interfaces.Usage;

/// <summary>
/// One attempt at an upstream. Every request that is admitted ends in one record for each attempt, but for those of plain routes that charge no budget and carry no tag,
/// which are only summed. It holds nothing of what was said. See docs/usage.md.
/// </summary>
/// <param name="RequestId">As the client was told in <c>sluice-request-id</c>.</param>
/// <param name="Attempt">1, 2, 3 … within the request.</param>
/// <param name="KeyId">Empty: without a key.</param>
/// <param name="User">The user whom the key stands for; empty: none.</param>
/// <param name="Tags">From the header <c>sluice-tags</c>, as <c>name=value</c>, by name.</param>
/// <param name="Asked">The model that was asked for or, for plain routes, <c>route/</c> and the route's name.</param>
/// <param name="Target">What was tried, as <c>provider/model</c>; empty for plain routes.</param>
/// <param name="Prompt">The prompt and its version; empty: none.</param>
/// <param name="CostNano">In 10⁻⁹ of the price's currency.</param>
/// <param name="Price">The price's name and revision; empty: none.</param>
/// <param name="Source">From where the token counts come.</param>
/// <param name="Status">The HTTP status that the client saw, or would have seen had no other attempt followed; 499 where it left, or another attempt of the request answered; 0 where the edge was lost before it was known.</param>
/// <param name="Arrived">When the request came.</param>
/// <param name="FirstByte">When the answer began; null: it did not.</param>
/// <param name="Ended">When the attempt was settled: the last byte. By it the record is counted to a day and hour.</param>
/// <param name="Edge">The start of the edge that served it.</param>
/// <param name="Revision">Under which it was served.</param>
/// <param name="Charges">The leases of budgets that were charged.</param>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("sluice.attempt-record")]
public sealed record AttemptRecord(
    [property: Id(0)] string RequestId,
    [property: Id(1)] int Attempt,
    [property: Id(2)] string Tenant,
    [property: Id(3)] string KeyId,
    [property: Id(4)] string User,
    [property: Id(5)] ImmutableArray<string> Tags,
    [property: Id(6)] string Asked,
    [property: Id(7)] string Target,
    [property: Id(8)] string Prompt,
    [property: Id(9)] TokenCounts Tokens,
    [property: Id(10)] long CostNano,
    [property: Id(11)] string Price,
    [property: Id(12)] UsageSource Source,
    [property: Id(13)] int Status,
    [property: Id(14)] DateTimeOffset Arrived,
    [property: Id(15)] DateTimeOffset? FirstByte,
    [property: Id(16)] DateTimeOffset Ended,
    [property: Id(17)] string Edge,
    [property: Id(18)] long Revision,
    [property: Id(19)] ImmutableArray<LeaseCharge> Charges)
{
    /// <summary>Grows with each record of the edge that sends it; by it a grain knows what it has counted. Set once, by the edge, before anybody else knows the record.</summary>
    [Id(20)]
    public long Sequence { get; set; }

    /// <summary>Tokens that were charged beyond what budgets had reserved for them.</summary>
    [Id(21)]
    public long Overdraft { get; init; }

    /// <summary>What it used that is counted in no tokens; null: nothing.</summary>
    [Id(22)]
    public UnitCounts? Units { get; init; }

    /// <summary>What it did not use, for a kept answer was given.</summary>
    [Id(23)]
    public SavedUse Saved { get; init; }

    /// <summary>Names the attempt: in no two records.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{RequestId}.{Attempt}");
}

/// <summary>What an attempt was charged to one lease.</summary>
/// <param name="Holder">The name under which the grain knows the lease's holder.</param>
/// <param name="Window">The window's start in UTC ticks; 0: the lease had none yet.</param>
/// <param name="Amount">In the budget's unit.</param>
[GenerateSerializer, Immutable, Alias("sluice.lease-charge")]
public readonly record struct LeaseCharge(
    [property: Id(0)] string Budget, [property: Id(1)] string Subject, [property: Id(2)] string Holder, [property: Id(3)] long Window, [property: Id(4)] long Amount);
