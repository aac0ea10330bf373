using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>What is told of a revision in lists, as stored under its number. True only up to the head.</summary>
public sealed record InfoRow(long Term, RevisionSummary Info) : IRevisionRow
{
    /// <inheritdoc/>
    public static string RowName => "info";

    /// <summary>The audit entry's hash and the one before it; empty in rows of before there was a chain.</summary>
    public string Audit { get; init; } = "";

    /// <summary>The hash of the audit entry before.</summary>
    public string Previous { get; init; } = "";

    /// <summary>The earlier revision on which its <see cref="DeltaRow"/> rests; 0: it has a <see cref="BodyRow"/>.</summary>
    public long Base { get; init; }
}

/// <summary>A revision's resources as stored under its number. True only up to the head.</summary>
public sealed record BodyRow(long Term, ImmutableArray<StoredResource> Resources) : IRevisionRow
{
    /// <inheritdoc/>
    public static string RowName => "body";

    /// <summary>True: the revision was let go by retention. Its resources are there only as long as others rest on them. What the revision was stays in its <see cref="InfoRow"/>.</summary>
    public bool Pruned { get; init; }
}

/// <summary>What differs between a revision and an earlier one that is stored whole, as stored under the revision's number. True only up to the head.</summary>
/// <param name="Term">Of the activation that wrote it.</param>
/// <param name="Base">The earlier one's number.</param>
/// <param name="Put">What it adds or replaces.</param>
/// <param name="Removed">What it takes away.</param>
public sealed record DeltaRow(long Term, long Base, ImmutableArray<StoredResource> Put, ImmutableArray<ResourceKey> Removed) : IRevisionRow
{
    /// <inheritdoc/>
    public static string RowName => "delta";

    /// <summary>True: it was let go by retention.</summary>
    public bool Pruned { get; init; }
}

/// <summary>A row under a revision's number.</summary>
public interface IRevisionRow
{
    /// <summary>Under which it stands beside the revision's other rows.</summary>
    static abstract string RowName { get; }

    /// <summary>Of the activation that wrote it: one of the same or a later term only may overwrite it.</summary>
    long Term { get; }
}

/// <summary>One resource, its canonical JSON as it is, byte by byte.</summary>
public sealed record StoredResource(string Kind, string Name, string Hash, [property: JsonConverter(typeof(RawJson))] byte[] Json)
{
    /// <summary>Whose it is; absent where it is the API's, as in rows of before there were owners.</summary>
    public string? Owner { get; init; }

    /// <summary>As it is sent.</summary>
    public ResourceBody ToBody() => new(Kind, Name, Json, Hash, Owner);

    /// <summary>From what is sent.</summary>
    public static StoredResource From(ResourceBody body) => new(body.Kind, body.Name, body.Hash, body.Json) { Owner = body.Owner };
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
