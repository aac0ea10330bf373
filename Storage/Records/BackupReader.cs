using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Sluice.Storage.Records;

/// <summary>Reads a backup, one state at a time.</summary>
public static class BackupReader
{
    /// <summary>Reads the whole file and checks all that can be checked.</summary>
    /// <exception cref="BackupFormatException">Says in which line what is wrong.</exception>
    public static async Task<(BackupHeader Header, long Records)> CheckAsync(Stream file, CancellationToken cancellation)
    {
        BackupHeader? header = null;
        var records = 0L;
        await foreach (var line in LinesAsync(file, cancellation))
        {
            (header, records) = line is BackupHeader first ? (first, records) : (header, line is GrainRecord ? records + 1 : records);
        }

        return (header!, records);
    }

    /// <summary>The states, in the file's order. What a last line proves is known only at the end.</summary>
    /// <exception cref="BackupFormatException">Says in which line what is wrong.</exception>
    public static IAsyncEnumerable<GrainRecord> ReadAsync(Stream file, CancellationToken cancellation) => LinesAsync(file, cancellation).OfType<GrainRecord>();

    private static async IAsyncEnumerable<object> LinesAsync(Stream file, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = PipeReader.Create(file, new StreamPipeReaderOptions(leaveOpen: true, bufferSize: 64 * 1024));
        BackupTrailer? trailer = null;
        var (number, records) = (0L, 0L);
        while (await LineAsync(reader, number + 1, cancellation) is { } line)
        {
            number++;
            if (trailer is not null)
            {
                throw Wrong(number, "comes after the last line");
            }

            switch (Parse(line.AsSpan(..^1), number))
            {
                case BackupHeader header:
                    yield return header;
                    break;
                case BackupTrailer last:
                    trailer = last;
                    Prove(last, number, records, Convert.ToHexStringLower(hash.GetCurrentHash()));
                    break;
                case var record:
                    records++;
                    yield return record;
                    break;
            }

            hash.AppendData(line);
        }

        if (trailer is null)
        {
            throw new BackupFormatException(FormattableString.Invariant($"the file ends after line {number} without the last line of a backup: it was cut off"));
        }
    }

    /// <summary>The next line with its line feed; null at the end.</summary>
    private static async Task<byte[]?> LineAsync(PipeReader reader, long number, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            if (read.Buffer.PositionOf(BackupFormat.LineEnd) is { } end)
            {
                var line = read.Buffer.Slice(0, read.Buffer.GetPosition(1, end)).ToArray();
                reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            if (read.IsCompleted)
            {
                return read.Buffer.IsEmpty ? null : throw Wrong(number, "has no end: the file was cut off");
            }

            if (read.Buffer.Length > BackupFormat.LongestLine)
            {
                throw Wrong(number, FormattableString.Invariant($"is longer than {BackupFormat.LongestLine} bytes"));
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static object Parse(ReadOnlySpan<byte> line, long number)
    {
        try
        {
            if (number == 1)
            {
                var header = JsonSerializer.Deserialize<BackupHeader>(line, BackupFormat.Json);
                return header switch
                {
                    not { Format: BackupFormat.Name } => throw new BackupFormatException("the file is not a backup of Sluice"),
                    { Version: not BackupFormat.Version } => throw new BackupFormatException(FormattableString.Invariant(
                        $"the backup has format {header.Version}; this program knows format {BackupFormat.Version}. Restore it with the program that made it, or a newer one")),
                    _ => header,
                };
            }

            return line.StartsWith("{\"records\":"u8)
                ? JsonSerializer.Deserialize<BackupTrailer>(line, BackupFormat.Json)!
                : JsonSerializer.Deserialize<GrainRecord>(line, BackupFormat.Json)!;
        }
        catch (JsonException e)
        {
            throw number == 1 ? new BackupFormatException("the file is not a backup of Sluice", e) : Wrong(number, "is damaged", e);
        }
    }

    private static void Prove(BackupTrailer trailer, long number, long records, string hash)
    {
        if (trailer.Records != records)
        {
            throw Wrong(number, FormattableString.Invariant($"counts {trailer.Records} states, but there are {records}"));
        }

        if (!string.Equals(trailer.Sha256, hash, StringComparison.Ordinal))
        {
            throw Wrong(number, "has another SHA-256 than the lines before it: the file was changed");
        }
    }

    private static BackupFormatException Wrong(long line, string what, Exception? inner = null) => new(FormattableString.Invariant($"line {line} {what}"), inner);
}
