using System.Globalization;
using Parquet.Serialization.Attributes;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;

namespace Sluice.Grains.CallLog;

/// <summary>Calls as an Apache Parquet file, a row each. The columns are described in docs/calls.md. Times are whole numbers: readers skip by the bounds that a file tells of each column, and those of times would be told in another unit.</summary>
public static class CallParquet
{
    private const char Separator = '|';

    /// <summary>The file.</summary>
    public static Task<byte[]> WriteAsync(IEnumerable<LoggedCall> calls) => ParquetFile.WriteAsync(calls.Select(ToRow).ToList());

    /// <summary>Several files as one, by the time at which calls ended.</summary>
    /// <exception cref="InvalidDataException">One is no such file, or damaged.</exception>
    public static async Task<byte[]> MergeAsync(IEnumerable<byte[]> files)
    {
        var rows = new List<CallRow>();
        foreach (var file in files)
        {
            rows.AddRange(await ParquetFile.ReadAsync<CallRow, CallRow>(file, "a file of the call log", static row => row));
        }

        rows.Sort(static (a, b) => a.EndedMicros.CompareTo(b.EndedMicros) is not 0 and var order ? order : string.CompareOrdinal(a.Request, b.Request));
        return await ParquetFile.WriteAsync(rows);
    }

    /// <summary>The attempts of a call, from the column <c>Tries</c>.</summary>
    /// <exception cref="InvalidDataException">A text is none.</exception>
    public static LoggedTry TryOf(string text)
    {
        if (text.Split(Separator) is [var number, var target, var status, var source, var cost, var begun, var admitted, var first, var ended]
            && Enum.TryParse<UsageSource>(source, ignoreCase: true, out var from))
        {
            return new LoggedTry((int)Number(number), target, (int)Number(status), from, Number(cost), Number(begun), Number(admitted), first.Length == 0 ? null : Number(first), Number(ended));
        }

        throw new InvalidDataException($"an attempt is number|target|status|source|cost|begun|admitted|first|ended, not '{text}'");

        static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private static CallRow ToRow(LoggedCall call) => new()
    {
        Request = call.RequestId,
        Tenant = call.Tenant,
        Key = call.KeyId,
        User = call.User,
        Tags = [.. call.Tags],
        Method = call.Method,
        Host = call.Host,
        Path = call.Path,
        Asked = call.Asked,
        Target = call.Target,
        Prompt = call.Prompt,
        Stream = call.Stream,
        Status = call.Status,
        Source = call.Source.ToString().ToLowerInvariant(),
        InputTokens = call.Tokens.Input,
        CachedTokens = call.Tokens.CachedRead,
        CacheWriteTokens = call.Tokens.CacheWrite,
        OutputTokens = call.Tokens.Output,
        ReasoningTokens = call.Tokens.Reasoning,
        CostNano = call.CostNano,
        ArrivedMicros = MicrosOf(call.Arrived),
        EndedMicros = MicrosOf(call.Arrived) + call.Times.Ended,
        MatchedAfter = call.Times.Matched,
        AdmittedAfter = call.Times.Admitted,
        FirstAfter = call.Times.First,
        LatencyMicros = call.Times.Ended,
        Attempts = call.Tries.Length,
        Tries = [.. call.Tries.Select(one => string.Create(
            CultureInfo.InvariantCulture, $"{one.Number}|{one.Target}|{one.Status}|{one.Source.ToString().ToLowerInvariant()}|{one.CostNano}|{one.Begun}|{one.Admitted}|{one.First}|{one.Ended}"))],
        Edge = call.Edge,
        Revision = call.Revision,
        SavedTokens = call.Saved.Tokens,
        SavedNano = call.Saved.Nano,
        Error = OrNull(call.Error),
        RefusedBy = OrNull(call.RefusedBy),
    };

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static long MicrosOf(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The columns.</summary>
    internal sealed class CallRow
    {
        [ParquetRequired]
        public string Request { get; set; } = "";

        [ParquetRequired]
        public string Tenant { get; set; } = "";

        [ParquetRequired]
        public string Key { get; set; } = "";

        [ParquetRequired]
        public string User { get; set; } = "";

        public List<string> Tags { get; set; } = [];

        [ParquetRequired]
        public string Method { get; set; } = "";

        [ParquetRequired]
        public string Host { get; set; } = "";

        [ParquetRequired]
        public string Path { get; set; } = "";

        [ParquetRequired]
        public string Asked { get; set; } = "";

        [ParquetRequired]
        public string Target { get; set; } = "";

        [ParquetRequired]
        public string Prompt { get; set; } = "";

        public bool Stream { get; set; }

        public int Status { get; set; }

        [ParquetRequired]
        public string Source { get; set; } = "";

        public long InputTokens { get; set; }

        public long CachedTokens { get; set; }

        public long CacheWriteTokens { get; set; }

        public long OutputTokens { get; set; }

        public long ReasoningTokens { get; set; }

        public long CostNano { get; set; }

        public long ArrivedMicros { get; set; }

        public long EndedMicros { get; set; }

        public long? MatchedAfter { get; set; }

        public long? AdmittedAfter { get; set; }

        public long? FirstAfter { get; set; }

        public long LatencyMicros { get; set; }

        public int Attempts { get; set; }

        public List<string> Tries { get; set; } = [];

        [ParquetRequired]
        public string Edge { get; set; } = "";

        public long Revision { get; set; }

        // Files of earlier releases do not have these columns, nor the next two.
        public long? SavedTokens { get; set; }

        public long? SavedNano { get; set; }

        public string? Error { get; set; }

        public string? RefusedBy { get; set; }
    }
}
