namespace Sluice.Storage.Sqlite;

/// <summary>Names one state of one grain.</summary>
internal sealed record RowKey(string Service, string GrainType, string GrainKey, string StateName)
{
    public override string ToString() => $"{GrainType}/{GrainKey} ({StateName})";
}

/// <summary>What is stored under a key.</summary>
internal sealed record Row(string ETag, byte[] Payload);

/// <summary>A write under compare-and-swap.</summary>
/// <param name="Expected">The ETag that must be stored now; null: there must be no row.</param>
/// <param name="ETag">The ETag that the row shall have, never used before.</param>
/// <param name="Payload">Null: the row is removed.</param>
/// <param name="UpdatedMs">Milliseconds since 1970, for people who look into the file.</param>
internal sealed record RowWrite(RowKey Key, string? Expected, string ETag, byte[]? Payload, long UpdatedMs);

/// <summary>What became of a write.</summary>
/// <param name="Done">False: another ETag was stored, and nothing was changed.</param>
/// <param name="Stored">Where it was not done: the ETag that is stored; null for no row.</param>
internal readonly record struct WriteOutcome(bool Done, string? Stored);
