using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>What is told of a revision in lists, as stored under its number. True only up to the head.</summary>
public sealed record InfoRow(long Term, RevisionSummary Info) : ITermed
{
    /// <summary>The audit entry's hash and the one before it; empty in rows of before there was a chain.</summary>
    public string Audit { get; init; } = "";

    /// <summary>The hash of the audit entry before.</summary>
    public string Previous { get; init; } = "";
}

/// <summary>A revision's resources as stored under its number. True only up to the head.</summary>
public sealed record BodyRow(long Term, ImmutableArray<StoredResource> Resources) : ITermed;

/// <summary>A row that bears the term of the activation that wrote it.</summary>
public interface ITermed
{
    /// <summary>A row may be overwritten by an activation of the same or a later term only.</summary>
    long Term { get; }
}

/// <summary>One resource, its canonical JSON as it is, byte by byte.</summary>
public sealed record StoredResource(string Kind, string Name, string Hash, [property: JsonConverter(typeof(RawJson))] byte[] Json)
{
    /// <summary>As it is sent.</summary>
    public ResourceBody ToBody() => new(Kind, Name, Json, Hash);

    /// <summary>From what is sent.</summary>
    public static StoredResource From(ResourceBody body) => new(body.Kind, body.Name, body.Hash, body.Json);
}

/// <summary>Bytes that are JSON stand in JSON unquoted, so that people can read rows.</summary>
public sealed class RawJson : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Encoding.UTF8.GetBytes(document.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value, skipInputValidation: true);
}
