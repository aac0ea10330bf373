using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Kept;
using Sluice.Grains.Interfaces.Deferred;

namespace Sluice.Edge.Deferred;

/// <summary>What is read from a provider's batch object.</summary>
/// <param name="Id">The provider's.</param>
/// <param name="Status">As it is.</param>
/// <param name="Input">The provider's id of its file.</param>
/// <param name="Output">Of the answers; null: there are none yet.</param>
/// <param name="Errors">Of what failed; null: there is none.</param>
/// <param name="CreatedAt">Seconds since 1970.</param>
internal sealed record BatchObject(string Id, string Status, string Input, string? Output, string? Errors, long CreatedAt)
{
    private const int ShortestId = 8;
    private const int LongestId = 256;
    private const int LongestListed = 4096;
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly SearchValues<char> OfIds = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Whether nothing is done for it any more.</summary>
    public bool HasEnded => Status is "completed" or "failed" or "expired" or "cancelled";

    /// <summary>Reads one; null: it is none.</summary>
    public static BatchObject? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads one; null: it is none.</summary>
    public static BatchObject? Read(JsonElement batch) =>
        batch.ValueKind is JsonValueKind.Object && IdOf(batch, "id") is { } id && Text(batch, "status") is { } status && IdOf(batch, "input_file_id") is { } input
            ? new BatchObject(id, status, input, IdOf(batch, "output_file_id"), IdOf(batch, "error_file_id"), batch.TryGetProperty("created_at", out var at) && at.ValueKind is JsonValueKind.Number && at.TryGetInt64(out var created) ? created : 0)
            : null;

    /// <summary>The same object as the client is told, with ids of its tenant's; and as it is listed.</summary>
    /// <param name="json">As the provider told it.</param>
    /// <param name="ids">The tenant's.</param>
    /// <param name="provider">Who has it.</param>
    /// <param name="model">The model by which it was asked.</param>
    /// <param name="told">The client's id of it; null: it is new.</param>
    /// <param name="before">As it was listed; null: it was not.</param>
    /// <param name="toldInput">The client's id of its file, where it is not listed; null: not known.</param>
    public (byte[] Json, ListedWork Listed) Tell(ReadOnlySpan<byte> json, TenantIds ids, string provider, string model, string? told, ListedWork? before, string? toldInput = null)
    {
        var known = before is null ? null : JsonNode.Parse(before.Json) as JsonObject;
        var id = told ?? ids.Seal(TenantIds.OfBatch, new KeptPlace(provider, model, Id));
        var input = before?.ToldInput ?? toldInput ?? FileId(Input, null)!;
        var text = Encoding.UTF8.GetString(json).Replace(Id, id, StringComparison.Ordinal).Replace(Input, input, StringComparison.Ordinal);
        foreach (var (file, field) in new[] { (Output, "output_file_id"), (Errors, "error_file_id") })
        {
            text = file is null ? text : text.Replace(file, FileId(file, Text(known, field)), StringComparison.Ordinal);
        }

        return (Encoding.UTF8.GetBytes(text), new ListedWork(id, provider, Id, Input, input, Status, Short(text)));

        // The same one each time, as far as it is known.
        string FileId(string file, string? last) => last is not null && string.Equals(ids.Open(TenantIds.OfFile, last)?.Id, file, StringComparison.Ordinal) ? last
            : ids.Seal(TenantIds.OfFile, new KeptPlace(provider, model, file));
    }

    // A list is kept in one piece: what a client has written at length beside a batch is told of the batch alone.
    private static string Short(string text)
    {
        if (text.Length > LongestListed && JsonNode.Parse(text) is JsonObject batch)
        {
            batch["metadata"] = null;
            batch["errors"] = null;
            text = batch.ToJsonString(Relaxed);
        }

        return text;
    }

    private static string? Text(JsonObject? batch, string name) => batch?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string? Text(JsonElement batch, string name) => batch.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    // Long enough that nothing else reads like it.
    private static string? IdOf(JsonElement batch, string name) => Text(batch, name) is { Length: >= ShortestId and <= LongestId } id && id.AsSpan().IndexOfAnyExcept(OfIds) < 0 ? id : null;
}
