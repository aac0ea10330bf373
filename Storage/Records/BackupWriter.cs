using System.Security.Cryptography;
using System.Text.Json;

namespace Sluice.Storage.Records;

/// <summary>Writes a backup, one state at a time.</summary>
public static class BackupWriter
{
    /// <summary>Writes all states, and answers what the last line says.</summary>
    public static async Task<BackupTrailer> WriteAsync(
        Stream file, string cluster, DateTimeOffset taken, IAsyncEnumerable<GrainRecord> records, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await LineAsync(new BackupHeader(BackupFormat.Name, BackupFormat.Version, cluster, taken));
        var count = 0L;
        await foreach (var record in records.WithCancellation(cancellation))
        {
            await LineAsync(record);
            count++;
        }

        var trailer = new BackupTrailer(count, Convert.ToHexStringLower(hash.GetCurrentHash()));
        await LineAsync(trailer);
        return trailer;

        async Task LineAsync<T>(T value)
        {
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(value, BackupFormat.Json), BackupFormat.LineEnd];
            hash.AppendData(line);
            await file.WriteAsync(line, cancellation);
        }
    }
}
