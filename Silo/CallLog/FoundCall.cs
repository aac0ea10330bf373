using System.Collections.Immutable;
using DuckDB.NET.Data;
using Sluice.Grains.CallLog;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Silo.CallLog;

/// <summary>A row of the call log.</summary>
internal sealed record FoundCall
{
    /// <summary>What is read, in the order of <see cref="Read"/>.</summary>
    public const string Columns = """
        Request, Tenant, "Key", "User", Tags, Method, Host, Path, Asked, Target, Prompt, Stream, Status, Source, InputTokens, CachedTokens, CacheWriteTokens, OutputTokens, ReasoningTokens, CostNano,
        ArrivedMicros, EndedMicros, MatchedAfter, AdmittedAfter, FirstAfter, LatencyMicros, Tries, Edge, Revision, SavedTokens, SavedNano, Error, RefusedBy
        """;

    public required string Request { get; init; }

    public required string Tenant { get; init; }

    public required string Key { get; init; }

    public required string User { get; init; }

    public required ImmutableArray<string> Tags { get; init; }

    public required string Method { get; init; }

    public required string Host { get; init; }

    public required string Path { get; init; }

    public required string Asked { get; init; }

    public required string Target { get; init; }

    public required string Prompt { get; init; }

    public required bool Stream { get; init; }

    public required int Status { get; init; }

    public required string Source { get; init; }

    public required long Input { get; init; }

    public required long Cached { get; init; }

    public required long CacheWrite { get; init; }

    public required long Output { get; init; }

    public required long Reasoning { get; init; }

    public required long CostNano { get; init; }

    public required long ArrivedMicros { get; init; }

    public required long EndedMicros { get; init; }

    public required long? MatchedAfter { get; init; }

    public required long? AdmittedAfter { get; init; }

    public required long? FirstAfter { get; init; }

    public required long LatencyMicros { get; init; }

    public required ImmutableArray<LoggedTry> Tries { get; init; }

    public required string Edge { get; init; }

    public required long Revision { get; init; }

    public required long SavedTokens { get; init; }

    public required long SavedNano { get; init; }

    public required string? Error { get; init; }

    public required string? RefusedBy { get; init; }

    /// <summary>Reads a row of <see cref="Columns"/>.</summary>
    public static FoundCall Read(DuckDBDataReader row) => new()
    {
        Request = row.GetString(0),
        Tenant = row.GetString(1),
        Key = row.GetString(2),
        User = row.GetString(3),
        Tags = Texts(row, 4),
        Method = row.GetString(5),
        Host = row.GetString(6),
        Path = row.GetString(7),
        Asked = row.GetString(8),
        Target = row.GetString(9),
        Prompt = row.GetString(10),
        Stream = row.GetBoolean(11),
        Status = row.GetInt32(12),
        Source = row.GetString(13),
        Input = row.GetInt64(14),
        Cached = row.GetInt64(15),
        CacheWrite = row.GetInt64(16),
        Output = row.GetInt64(17),
        Reasoning = row.GetInt64(18),
        CostNano = row.GetInt64(19),
        ArrivedMicros = row.GetInt64(20),
        EndedMicros = row.GetInt64(21),
        MatchedAfter = Number(row, 22),
        AdmittedAfter = Number(row, 23),
        FirstAfter = Number(row, 24),
        LatencyMicros = row.GetInt64(25),
        Tries = [.. Texts(row, 26).Select(CallParquet.TryOf)],
        Edge = row.GetString(27),
        Revision = row.GetInt64(28),
        SavedTokens = Number(row, 29) ?? 0,
        SavedNano = Number(row, 30) ?? 0,
        Error = Text(row, 31),
        RefusedBy = Text(row, 32),
    };

    private static string? Text(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Number(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static ImmutableArray<string> Texts(DuckDBDataReader row, int column) => row.IsDBNull(column) ? [] : [.. row.GetFieldValue<List<string>>(column)];
}
