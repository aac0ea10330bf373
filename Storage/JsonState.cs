using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace Sluice.Storage;

/// <summary>
/// Grain state as JSON that people can read where it is stored: camel case, names of enum values, nothing for null. Each record begins with its version, of which
/// no grain knows: one of another version is brought to today's layout before it is read (docs/upgrades.md).
/// </summary>
public sealed class JsonState : IGrainStorageSerializer
{
    /// <summary>The member that holds the version. A record without it is of before there were versions, which is version 1.</summary>
    public const string VersionName = "$version";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly Dictionary<Type, StateLayout> _layouts;

    /// <param name="layouts">Of types whose layout is not the first one any more.</param>
    /// <exception cref="ArgumentException">A layout is incomplete, or there are two of a type.</exception>
    public JsonState(IEnumerable<StateLayout> layouts)
    {
        _layouts = layouts.ToDictionary(layout => layout.Type);
        if (string.Join("; ", _layouts.Values.Select(l => l.Error).OfType<string>()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(layouts));
        }
    }

    /// <summary>The serializer that every storage has by default: all types have their first layout.</summary>
    public static IGrainStorageSerializer Serializer { get; } = new JsonState([]);

    /// <exception cref="NotSupportedException">The state is no JSON object, and so has no place for a version.</exception>
    public BinaryData Serialize<T>(T? input)
    {
        if (input is null)
        {
            return new("null"u8.ToArray());
        }

        var state = JsonSerializer.SerializeToUtf8Bytes(input, Format);
        if (state is not [(byte)'{', .. var members])
        {
            throw new NotSupportedException($"A state must be a JSON object; {typeof(T)} is none.");
        }

        // First, so that a reader finds it at once.
        var version = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"{VersionName}\":{Layout<T>().Version}{(members is [(byte)'}'] ? "" : ",")}"));
        return new((byte[])[.. version, .. members]);
    }

    /// <exception cref="InvalidDataException">The record's version is none that is known here.</exception>
    public T Deserialize<T>(BinaryData input)
    {
        var record = input.ToMemory().Span;
        var (version, layout) = (Version(record), Layout<T>());
        if (version == layout.Version)
        {
            return JsonSerializer.Deserialize<T>(record, Format)!;
        }

        var members = JsonNode.Parse(record)!.AsObject();
        members.Remove(VersionName);
        return layout.Convert(members, version).Deserialize<T>(Format)!;
    }

    private static int Version(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record);
        reader.Read();
        if (reader.TokenType is JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals(VersionName);
                reader.Read();
                if (found)
                {
                    return reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var version) && version > 0
                        ? version
                        : throw new InvalidDataException($"{VersionName} must be a whole number from 1 on");
                }

                reader.Skip();
            }
        }

        return 1;
    }

    private StateLayout Layout<T>() => _layouts.GetValueOrDefault(typeof(T)) ?? FirstLayout<T>.Value;

    private static class FirstLayout<T>
    {
        public static readonly StateLayout Value = new(typeof(T), 1, new Dictionary<int, Func<JsonObject, JsonObject>>());
    }
}
