using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Edge.KnownGood;

/// <summary>
/// The form of a known-good file: <c>SLKG</c>, one byte of version, and the record as JSON under AES-256-GCM, bound to cluster and workspace. Altered, cut off,
/// of another cluster or under another key: it does not open.
/// </summary>
internal static class SealedRecord
{
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Mark => "SLKG"u8;

    /// <summary>Seals.</summary>
    public static byte[] Write(KnownGoodRecord record, ReadOnlySpan<byte> key, string cluster, string workspace)
    {
        var json = new ArrayBufferWriter<byte>(64 * 1024);
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteNumber("term", record.Head.Term);
            writer.WriteNumber("revision", record.Head.Revision);
            writer.WriteString("hash", record.Head.Hash);
            writer.WriteStartArray("resources");
            foreach (var resource in record.Resources)
            {
                writer.WriteStartObject();
                writer.WriteString("kind", resource.Kind);
                writer.WriteString("name", resource.Name);
                writer.WriteBase64String("json", resource.Json);
                writer.WriteString("hash", resource.Hash);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartObject("secrets");
            foreach (var (name, secret) in record.Secrets)
            {
                writer.WriteString(name, secret.Value);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return [.. Mark, Version, .. AesGcmBox.Close(key, json.WrittenSpan, Associate(cluster, workspace))];
    }

    /// <summary>Opens.</summary>
    /// <exception cref="InvalidDataException">It is no such file, or not of this cluster, workspace and key, or was altered.</exception>
    public static KnownGoodRecord Read(ReadOnlySpan<byte> file, ReadOnlySpan<byte> key, string cluster, string workspace)
    {
        if (!file.StartsWith(Mark) || file.Length <= Mark.Length)
        {
            throw new InvalidDataException("it is no known-good file, or cut off");
        }

        if (file[Mark.Length] != Version)
        {
            throw new InvalidDataException($"it has version {file[Mark.Length]}, and this edge reads {Version}");
        }

        try
        {
            using var json = JsonDocument.Parse(AesGcmBox.Open(key, file[(Mark.Length + 1)..], Associate(cluster, workspace)));
            return Read(json.RootElement);
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException("it was altered or cut off, or belongs to another cluster, workspace or key", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException("it opens, but its content is not what this edge reads", e);
        }
    }

    private static KnownGoodRecord Read(JsonElement root)
    {
        var head = new Head(root.GetProperty("term").GetInt64(), root.GetProperty("revision").GetInt64(), root.GetProperty("hash").GetString()!);
        return new KnownGoodRecord(
            head,
            [
                .. root.GetProperty("resources").EnumerateArray().Select(each => new ResourceBody(
                    each.GetProperty("kind").GetString()!, each.GetProperty("name").GetString()!, each.GetProperty("json").GetBytesFromBase64(), each.GetProperty("hash").GetString()!)),
            ],
            root.GetProperty("secrets").EnumerateObject().ToImmutableDictionary(each => each.Name, each => new OpenedSecret(each.Value.GetString()!), StringComparer.Ordinal));
    }

    // A length before the first, so that no two pairs give the same bytes.
    private static byte[] Associate(string cluster, string workspace) => Encoding.UTF8.GetBytes($"known-good {cluster.Length} {cluster} {workspace}");
}
