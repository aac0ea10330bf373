using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>Which records are wanted; null takes all.</summary>
/// <param name="From">That ended then or later.</param>
/// <param name="To">That ended then or earlier.</param>
/// <param name="Key">Of this key's id.</param>
/// <param name="Model">That asked for this name.</param>
/// <param name="Tag">With this tag.</param>
/// <param name="Status">That ended with this one.</param>
/// <param name="Request">Of this request.</param>
/// <param name="Prompt">That used this prompt, in any version.</param>
/// <param name="Before">Only those that come after this one in the order of pages.</param>
public sealed record RecordFilter(
    DateTimeOffset From, DateTimeOffset To, string? Key = null, string? Model = null, string? Tag = null, long? Status = null, string? Request = null, (DateTimeOffset Ended, string Id)? Before = null, string? Prompt = null)
{
    /// <summary>Whether a record is wanted.</summary>
    public bool Takes(AttemptRecord record) => record.Ended >= From && record.Ended <= To
        && (Key is null || string.Equals(record.KeyId, Key, StringComparison.Ordinal))
        && (Model is null || string.Equals(record.Asked, Model, StringComparison.Ordinal))
        && (Tag is null || record.Tags.Contains(Tag, StringComparer.Ordinal))
        && (Status is null || record.Status == Status)
        && (Request is null || string.Equals(record.RequestId, Request, StringComparison.Ordinal))
        && (Prompt is null || (record.Prompt.StartsWith(Prompt, StringComparison.Ordinal) && record.Prompt.AsSpan(Prompt.Length).StartsWith("@")))
        && (Before is not { } before || record.Ended < before.Ended || (record.Ended == before.Ended && string.CompareOrdinal(record.Id, before.Id) < 0));
}
