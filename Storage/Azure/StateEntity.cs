using System.Globalization;
using Azure.Data.Tables;

namespace Sluice.Storage.Azure;

/// <summary>
/// The row of a state. <c>Format</c> is its version, <c>Name</c> what the key names, whole where the key is cut, <c>Operation</c> the id of the write that made
/// it, <c>Data</c>, <c>Data1</c>, … the state in pieces of 64 KiB, or <c>Blob</c> the name of the blob that holds it.
/// </summary>
internal static class StateEntity
{
    /// <summary>The version that this program writes, and the newest that it reads.</summary>
    public const int Format = 1;

    /// <summary>Bytes that fit in a row: a row holds 1 MiB, a property 64 KiB, and Azurite reckons a row by its body, in which bytes are base64.</summary>
    public const int MostInline = 11 * Piece;

    private const int Piece = 64 * 1024;
    private const string FormatName = "Format";
    private const string NameName = "Name";
    private const string OperationName = "Operation";
    private const string BlobName = "Blob";
    private const string BytesName = "Bytes";

    /// <summary>A row with the state in it.</summary>
    public static TableEntity Inline(StateKey key, string operation, ReadOnlyMemory<byte> payload)
    {
        var entity = Empty(key, operation);
        for (var i = 0; i == 0 || i * Piece < payload.Length; i++)
        {
            entity[Name(i)] = payload.Slice(i * Piece, Math.Min(Piece, payload.Length - (i * Piece))).ToArray();
        }

        return entity;
    }

    /// <summary>A row that points at a blob.</summary>
    public static TableEntity Pointer(StateKey key, string operation, string blob, int bytes)
    {
        var entity = Empty(key, operation);
        entity[BlobName] = blob;
        entity[BytesName] = bytes;
        return entity;
    }

    /// <summary>The id of the write that made the row; null where it has none.</summary>
    public static string? Operation(TableEntity entity) => entity.GetString(OperationName);

    /// <summary>The blob that holds the state; null where the row does.</summary>
    public static string? Blob(TableEntity entity) => entity.GetString(BlobName);

    /// <summary>How large the blob is.</summary>
    public static int BlobBytes(TableEntity entity) => entity.GetInt32(BytesName) ?? 0;

    /// <summary>The state in the row.</summary>
    public static byte[] Payload(TableEntity entity)
    {
        var pieces = new List<byte[]>();
        while (entity.TryGetValue(Name(pieces.Count), out var piece))
        {
            pieces.Add((byte[])piece);
        }

        return pieces.Count == 1 ? pieces[0] : [.. pieces.SelectMany(p => p)];
    }

    /// <summary>The key of a row that was listed.</summary>
    public static StateKey Key(TableEntity entity) => new(entity.PartitionKey, entity.RowKey, entity.GetString(NameName) ?? entity.RowKey);

    /// <summary>The properties that say which state it is and which writer may replace it, without the state.</summary>
    public static IReadOnlyList<string> Outline { get; } = ["PartitionKey", "RowKey", NameName, FormatName, BlobName];

    /// <summary>Refuses a row that this program cannot read.</summary>
    /// <exception cref="InvalidDataException">A newer program wrote it, or it is not ours.</exception>
    public static void Check(TableEntity entity, StateKey key)
    {
        if (entity.GetInt32(FormatName) is not { } format)
        {
            throw new InvalidDataException($"The row of {key} has no format: it is another program's.");
        }

        if (format > Format)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"The row of {key} has format {format} and was written by a newer Sluice; this one knows formats up to {Format}."));
        }
    }

    private static TableEntity Empty(StateKey key, string operation) =>
        new(key.Partition, key.Row) { [FormatName] = Format, [NameName] = key.Name, [OperationName] = operation };

    private static string Name(int i) => i == 0 ? "Data" : string.Create(CultureInfo.InvariantCulture, $"Data{i}");
}
