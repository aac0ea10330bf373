using System.Globalization;
using Parquet.Serialization.Attributes;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>Records as an Apache Parquet file, a row each: any tool that reads Parquet reads them. The columns are described in docs/usage.md.</summary>
public static class RecordParquet
{
    private const string What = "a file of records";

    /// <summary>The file.</summary>
    public static Task<byte[]> WriteAsync(IEnumerable<AttemptRecord> records) => ParquetFile.WriteAsync(records.Select(ToRow).ToList());

    /// <summary>The records of a file.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or damaged.</exception>
    public static Task<IReadOnlyList<AttemptRecord>> ReadAsync(byte[] file) => ParquetFile.ReadAsync<RecordRow, AttemptRecord>(file, What, FromRow);

    /// <summary>The ids of the requests of a file's records; the other columns are not read.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or damaged.</exception>
    public static Task<IReadOnlyList<string>> ReadRequestsAsync(byte[] file) => ParquetFile.ReadAsync<RequestRow, string>(file, What, row => row.RequestId);

    private static RecordRow ToRow(AttemptRecord record) => new()
    {
        RequestId = record.RequestId,
        Attempt = record.Attempt,
        Tenant = record.Tenant,
        Key = record.KeyId,
        User = record.User,
        Tags = [.. record.Tags],
        Asked = record.Asked,
        Target = record.Target,
        Prompt = record.Prompt,
        InputTokens = record.Tokens.Input,
        CachedTokens = record.Tokens.CachedRead,
        CacheWriteTokens = record.Tokens.CacheWrite,
        ImageTokens = record.Tokens.InputImage,
        AudioTokens = record.Tokens.InputAudio,
        OutputTokens = record.Tokens.Output,
        ReasoningTokens = record.Tokens.Reasoning,
        OutputAudioTokens = record.Tokens.OutputAudio,
        CostNano = record.CostNano,
        Price = record.Price,
        Source = record.Source.ToString().ToLowerInvariant(),
        Status = record.Status,
        Arrived = record.Arrived.UtcDateTime,
        FirstByte = record.FirstByte?.UtcDateTime,
        Ended = record.Ended.UtcDateTime,
        Edge = record.Edge,
        Revision = record.Revision,
        Sequence = record.Sequence,
        OverdraftTokens = record.Overdraft,
        Pictures = record.Units?.Pictures,
        PictureSize = record.Units?.Size,
        PictureQuality = record.Units?.Quality,
        SoundMilliseconds = record.Units?.SoundMilliseconds,
        Characters = record.Units?.Characters,
        SavedTokens = record.Saved.Tokens,
        SavedNano = record.Saved.Nano,
        Charges = [.. record.Charges.Select(charge => string.Create(CultureInfo.InvariantCulture, $"{charge.Budget}|{charge.Subject}|{charge.Holder}|{charge.Window}|{charge.Amount}"))],
    };

    private static AttemptRecord FromRow(RecordRow row) => new(
        row.RequestId,
        row.Attempt,
        row.Tenant,
        row.Key,
        row.User,
        [.. row.Tags],
        row.Asked,
        row.Target,
        row.Prompt,
        new TokenCounts(
            row.InputTokens, row.CachedTokens, row.CacheWriteTokens, row.ImageTokens, row.AudioTokens, row.OutputTokens, row.ReasoningTokens, row.OutputAudioTokens),
        row.CostNano,
        row.Price,
        Enum.Parse<UsageSource>(row.Source, ignoreCase: true),
        row.Status,
        At(row.Arrived),
        row.FirstByte is { } first ? At(first) : null,
        At(row.Ended),
        row.Edge,
        row.Revision,
        [.. row.Charges.Select(ChargeOf)])
    {
        Sequence = row.Sequence,
        Overdraft = row.OverdraftTokens ?? 0,
        Units = row.Pictures is { } pictures ? new UnitCounts(pictures, row.PictureSize ?? "", row.PictureQuality ?? "", row.SoundMilliseconds ?? 0, row.Characters ?? 0) : null,
        Saved = row.SavedTokens is { } saved && string.Equals(row.Source, nameof(UsageSource.Cached), StringComparison.OrdinalIgnoreCase) ? new SavedUse(1, saved, row.SavedNano ?? 0) : default,
    };

    private static DateTimeOffset At(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    private static LeaseCharge ChargeOf(string text) => text.Split('|') is [var budget, var subject, var holder, var window, var amount]
        ? new LeaseCharge(budget, subject, holder, long.Parse(window, CultureInfo.InvariantCulture), long.Parse(amount, CultureInfo.InvariantCulture))
        : throw new InvalidDataException($"a charge is budget|subject|holder|window|amount, not '{text}'");

    /// <summary>One of the columns.</summary>
    internal sealed class RequestRow
    {
        [ParquetRequired]
        public string RequestId { get; set; } = "";
    }

    /// <summary>The columns.</summary>
    internal sealed class RecordRow
    {
        [ParquetRequired]
        public string RequestId { get; set; } = "";

        public int Attempt { get; set; }

        [ParquetRequired]
        public string Tenant { get; set; } = "";

        [ParquetRequired]
        public string Key { get; set; } = "";

        [ParquetRequired]
        public string User { get; set; } = "";

        public List<string> Tags { get; set; } = [];

        [ParquetRequired]
        public string Asked { get; set; } = "";

        [ParquetRequired]
        public string Target { get; set; } = "";

        [ParquetRequired]
        public string Prompt { get; set; } = "";

        public long InputTokens { get; set; }

        public long CachedTokens { get; set; }

        public long CacheWriteTokens { get; set; }

        public long ImageTokens { get; set; }

        public long AudioTokens { get; set; }

        public long OutputTokens { get; set; }

        public long ReasoningTokens { get; set; }

        public long OutputAudioTokens { get; set; }

        public long CostNano { get; set; }

        [ParquetRequired]
        public string Price { get; set; } = "";

        [ParquetRequired]
        public string Source { get; set; } = "";

        public int Status { get; set; }

        [ParquetTimestamp(ParquetTimestampResolution.Microseconds)]
        public DateTime Arrived { get; set; }

        [ParquetTimestamp(ParquetTimestampResolution.Microseconds)]
        public DateTime? FirstByte { get; set; }

        [ParquetTimestamp(ParquetTimestampResolution.Microseconds)]
        public DateTime Ended { get; set; }

        [ParquetRequired]
        public string Edge { get; set; } = "";

        public long Revision { get; set; }

        public long Sequence { get; set; }

        public List<string> Charges { get; set; } = [];

        // Files of earlier releases do not have these columns.
        public long? OverdraftTokens { get; set; }

        public long? Pictures { get; set; }

        public string? PictureSize { get; set; }

        public string? PictureQuality { get; set; }

        public long? SoundMilliseconds { get; set; }

        public long? Characters { get; set; }

        public long? SavedTokens { get; set; }

        public long? SavedNano { get; set; }
    }
}
