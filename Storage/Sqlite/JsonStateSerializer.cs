using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace Sluice.Storage.Sqlite;

/// <summary>Writes states as JSON by their properties' names. A state's record may gain fields; a renamed or removed one needs a new state name.</summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input, Options) ?? throw new InvalidDataException($"A stored {typeof(T).Name} is null.");
}
