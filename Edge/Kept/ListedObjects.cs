using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Kept;

/// <summary>Pages of what a tenant has with providers, as OpenAI lists files and batches.</summary>
internal static class ListedObjects
{
    /// <summary>What a client is told where no silo answers.</summary>
    public static readonly ClientError Unreachable = new(503, "The list could not be read at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));

    /// <summary>How many the client wants.</summary>
    /// <param name="given">Its query.</param>
    /// <param name="usual">Where it does not say.</param>
    /// <param name="most">At most.</param>
    /// <param name="limit">The answer.</param>
    /// <returns>What is wrong with it; null: nothing.</returns>
    public static ClientError? ReadLimit(IQueryCollection given, int usual, int most, out int limit)
    {
        limit = usual;
        return given["limit"].ToString() is { Length: > 0 } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1 || limit > most)
            ? new ClientError(400, $"'limit' must be a whole number from 1 to {most}.", "invalid_request", "limit")
            : null;
    }

    /// <summary>Behind which the client wants to go on; null: from the beginning.</summary>
    public static string? After(IQueryCollection given) => given["after"] is [{ Length: > 0 } after, ..] ? after : null;

    /// <summary>Why there is no page behind what the client named.</summary>
    /// <param name="what"><c>file</c> or <c>batch</c>.</param>
    public static ClientError NotListed(string what) => new(400, $"'after' must be the id of a {what} that is listed.", "invalid_request", "after");

    /// <summary>Answers with a page.</summary>
    /// <param name="http">The request.</param>
    /// <param name="items">Of the page.</param>
    /// <param name="idOf">An item's id.</param>
    /// <param name="write">Writes an item.</param>
    /// <param name="hasMore">Whether there are more behind it.</param>
    public static async Task WriteAsync<T>(HttpContext http, IReadOnlyList<T> items, Func<T, string> idOf, Action<Utf8JsonWriter, T> write, bool hasMore)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("object", "list");
            writer.WriteStartArray("data");
            foreach (var item in items)
            {
                write(writer, item);
            }

            writer.WriteEndArray();
            writer.WriteString("first_id", items.Count == 0 ? null : idOf(items[0]));
            writer.WriteString("last_id", items.Count == 0 ? null : idOf(items[^1]));
            writer.WriteBoolean("has_more", hasMore);
            writer.WriteEndObject();
        }

        http.Response.ContentType = "application/json";
        await KeptForwarding.WriteAsync(http, buffer.WrittenMemory);
    }
}
