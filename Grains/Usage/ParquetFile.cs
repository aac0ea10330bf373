using System.IO.Compression;
using Parquet;
using Parquet.Serialization;

namespace Sluice.Grains.Usage;

/// <summary>Rows as an Apache Parquet file, of records and of calls alike.</summary>
internal static class ParquetFile
{
    // Its usual level, the smallest size, takes a core for seconds for each file while edges wait for loans.
    private static readonly ParquetOptions Options = new() { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Optimal, RowGroupSize = 50_000 };

    /// <summary>The file.</summary>
    public static async Task<byte[]> WriteAsync<TRow>(IReadOnlyCollection<TRow> rows)
    {
        using var file = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, file, Options);
        return file.ToArray();
    }

    /// <summary>The rows of a file, with the columns that <typeparamref name="TRow"/> has.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="what">What it is, for the error: <c>a file of records</c>.</param>
    /// <param name="from">What a row stands for.</param>
    /// <exception cref="InvalidDataException">It is no such file, or damaged.</exception>
    public static async Task<IReadOnlyList<T>> ReadAsync<TRow, T>(byte[] file, string what, Func<TRow, T> from)
        where TRow : class, new()
    {
        try
        {
            using var stream = new MemoryStream(file, writable: false);
            var rows = await ParquetSerializer.DeserializeAsync<TRow>(stream);
            return [.. rows.Data.Select(from)];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException($"{what} cannot be read: {e.Message}", e);
        }
    }
}
