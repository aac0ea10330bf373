using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Storage.Records;

/// <summary>
/// The file of a backup, format 1 (docs/operations.md): lines of JSON in UTF-8, each ended by a line feed. The first names the format, then comes one line a
/// state, and the last holds the count of states and the SHA-256 of every byte before it. A file without a right last line is no backup.
/// </summary>
internal static class BackupFormat
{
    public const string Name = "sluice-backup";

    public const int Version = 1;

    /// <summary>The longest line that is read, in bytes.</summary>
    public const int LongestLine = 256 * 1024 * 1024;

    public const byte LineEnd = (byte)'\n';

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };
}

/// <summary>The first line.</summary>
/// <param name="Format"><see cref="BackupFormat.Name"/>.</param>
/// <param name="Version">The format's version.</param>
/// <param name="Cluster">The cluster's name, for people: a restore gives the states to the cluster that it is told.</param>
/// <param name="Taken">When the backup was begun.</param>
public sealed record BackupHeader(string Format, int Version, string Cluster, DateTimeOffset Taken);

/// <summary>The last line.</summary>
/// <param name="Records">How many states there are.</param>
/// <param name="Sha256">Of all bytes before this line, in lower-case hexadecimal.</param>
public sealed record BackupTrailer(long Records, string Sha256);

/// <summary>The file is no whole backup of a format that is known.</summary>
public sealed class BackupFormatException(string message, Exception? inner = null) : Exception(message, inner);
