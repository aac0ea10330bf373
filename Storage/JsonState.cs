using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace Sluice.Storage;

/// <summary>Grain state as JSON that people can read where it is stored: camel case, names of enum values, nothing for null.</summary>
public sealed class JsonState : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private JsonState()
    {
    }

    /// <summary>The serializer that every storage has by default.</summary>
    public static IGrainStorageSerializer Serializer { get; } = new JsonState();

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Format));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, Format)!;
}
