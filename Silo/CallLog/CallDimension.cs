namespace Sluice.Silo.CallLog;

/// <summary>What calls of the log may be told apart by.</summary>
public enum CallDimension
{
    Hour,
    Day,
    Tenant,
    Key,
    User,
    Model,
    Provider,
    Target,
    Prompt,
    Tag,
    Status,
    Edge,
    Revision,
}

/// <summary>Figures of some calls.</summary>
/// <param name="Of">What they are of, by dimension.</param>
/// <param name="Calls">All.</param>
/// <param name="Failed">Those with a status of 500 or more.</param>
/// <param name="Refused">Those with a status of 400 to 498.</param>
/// <param name="Limited">Of these, those with 429.</param>
/// <param name="Left">Those whose client left, 499.</param>
/// <param name="AtModels">Those with an attempt at a model.</param>
/// <param name="Retried">Those with more than one.</param>
/// <param name="InputTokens">Of the attempts that answered.</param>
/// <param name="CachedTokens">Of the input: read from a provider's cache.</param>
/// <param name="OutputTokens">Of the attempts that answered.</param>
/// <param name="CostNano">Of all attempts.</param>
/// <param name="FromCache">Those that were given a kept answer, and made no attempt.</param>
/// <param name="SavedNano">What these would have cost beyond what was charged.</param>
/// <param name="SavedTokens">What these did not use.</param>
/// <param name="Latency">p50, p95 and p99 until the last byte, in microseconds.</param>
/// <param name="First">The same until the answer began; empty where that was not noted.</param>
internal sealed record CallFigures(
    IReadOnlyDictionary<CallDimension, string> Of,
    long Calls,
    long Failed,
    long Refused,
    long Limited,
    long Left,
    long AtModels,
    long Retried,
    long InputTokens,
    long CachedTokens,
    long OutputTokens,
    long CostNano,
    long FromCache,
    long SavedNano,
    long SavedTokens,
    IReadOnlyList<double> Latency,
    IReadOnlyList<double> First);
