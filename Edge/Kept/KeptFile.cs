using System.Buffers;
using System.Text.Json;

namespace Sluice.Edge.Kept;

/// <summary>What is read from a provider's file object.</summary>
/// <param name="Id">Eight characters at least, so that nothing else reads like it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="CreatedAt">Seconds since 1970.</param>
/// <param name="ExpiresAt">Seconds since 1970; null: never.</param>
/// <param name="Name">Of the file.</param>
/// <param name="Purpose">As the client gave it.</param>
internal sealed record KeptFile(string Id, long Bytes, long CreatedAt, long? ExpiresAt, string Name, string Purpose)
{
    private const int ShortestId = 8;
    private const int LongestId = 256;
    private static readonly SearchValues<char> OfIds = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Reads one; null: it is none.</summary>
    public static KeptFile? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var file = document.RootElement;
            return file.ValueKind is JsonValueKind.Object && Text(file, "id") is { Length: >= ShortestId and <= LongestId } id && id.AsSpan().IndexOfAnyExcept(OfIds) < 0
                ? new KeptFile(id, Number(file, "bytes") ?? 0, Number(file, "created_at") ?? 0, Number(file, "expires_at"), Text(file, "filename") ?? "", Text(file, "purpose") ?? "")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement file, string name) => file.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement file, string name) => file.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
