using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>A recorded answer of a provider: of the repository's own, and of the folder that <c>SLUICE_RECORDINGS</c> names or that lies beside the repository.</summary>
internal sealed record Recorded(string Id, string Api, string Kind, int Status, string File, string? Request)
{
    private static readonly string Own = Path.Combine(Repository.Root, "tests", "Conformance", "recordings");

    /// <summary>All chat completions, messages and responses.</summary>
    public static IReadOnlyList<Recorded> All { get; } = [.. Folders().SelectMany(Read).DistinctBy(r => r.Id)];

    /// <summary>Whether it is a whole answer: some providers say an error with status 200.</summary>
    public bool IsAnswer => Status == 200 && Kind is "json" && (!JsonDocument.Parse(System.IO.File.ReadAllText(File)).RootElement.TryGetProperty("error", out var error) || error.ValueKind is JsonValueKind.Null);

    /// <summary>Whether the other recordings are there.</summary>
    public static bool HasOthers => Folders().Count() > 1;

    /// <summary>The answer's bytes as the provider sends them.</summary>
    public byte[] Answer()
    {
        if (Kind is not "chunks")
        {
            return System.IO.File.ReadAllBytes(File);
        }

        if (Api is "bedrock.converse-stream")
        {
            return [.. System.IO.File.ReadLines(File).Where(l => l.Length > 0).SelectMany(EventStreamMessage.OfLine)];
        }

        var ending = Api is "openai.chat" ? "data: [DONE]\n\n" : "";
        return Encoding.UTF8.GetBytes(string.Concat(System.IO.File.ReadLines(File).Where(l => l.Length > 0).Select(l => $"data: {l}\n\n")) + ending);
    }

    private static IEnumerable<string> Folders() => new[]
    {
        Own, Environment.GetEnvironmentVariable("SLUICE_RECORDINGS") ?? Path.Combine(Repository.Root, "..", "shared", "fixtures"),
    }.Where(folder => System.IO.File.Exists(Path.Combine(folder, "manifest.jsonl")));

    private static IEnumerable<Recorded> Read(string folder)
    {
        foreach (var line in System.IO.File.ReadLines(Path.Combine(folder, "manifest.jsonl")))
        {
            var entry = JsonDocument.Parse(line).RootElement;
            var (api, kind) = (entry.GetProperty("api").GetString()!, entry.GetProperty("kind").GetString()!);
            if (api is "openai.chat" or "anthropic.messages" or "openai.responses" or "gemini.generate" or "gemini.stream" or "bedrock.converse" or "bedrock.converse-stream" or "cohere.chat" or "ollama.chat"
                && kind is "json" or "sse" or "chunks" or "eventstream" or "ndjson" && !IsOfCoheresFirst(folder, entry))
            {
                var request = entry.TryGetProperty("request_file", out var file) && file.GetString() is { } name ? Path.Combine(folder, name) : null;
                yield return new Recorded(entry.GetProperty("id").GetString()!, api, kind, entry.GetProperty("status").GetInt32(), Path.Combine(folder, entry.GetProperty("file").GetString()!), request);
            }
        }
    }

    // Its first chat, which nobody asks any more.
    private static bool IsOfCoheresFirst(string folder, JsonElement entry) => entry.GetProperty("api").GetString() is "cohere.chat"
        && System.IO.File.ReadAllText(Path.Combine(folder, entry.GetProperty("file").GetString()!)) is var text
        && (text.Contains("\"generation_id\"", StringComparison.Ordinal) || text.Contains("\"event_type\"", StringComparison.Ordinal));
}
