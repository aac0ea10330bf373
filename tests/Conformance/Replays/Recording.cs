using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance.Replays;

/// <summary>One recorded answer of a provider: a line of <c>recordings/manifest.jsonl</c>, described in the README there.</summary>
public sealed record Recording(
    string Id,
    string Api,
    string Kind,
    int Status,
    string File,
    [property: JsonPropertyName("content_type")] string? ContentType,
    [property: JsonPropertyName("request_file")] string? RequestFile)
{
    private const string OtherFolder = "SLUICE_RECORDINGS";
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web);

    /// <summary>All that speak the OpenAI wire formats: those of the repository, and those of the folder that <c>SLUICE_RECORDINGS</c> names.</summary>
    public static IReadOnlyList<Recording> All { get; } = [.. ReadAll()];

    /// <summary>Whether it is a stream.</summary>
    public bool IsStream => Kind is "sse" or "chunks";

    /// <summary>Whether it answers a call for embeddings.</summary>
    public bool IsEmbeddings => string.Equals(Api, "embeddings", StringComparison.Ordinal);

    /// <summary>The answer's bytes as the provider sends them.</summary>
    public byte[] Answer() => Kind is not "chunks"
        ? System.IO.File.ReadAllBytes(File)
        : Encoding.UTF8.GetBytes(string.Concat(System.IO.File.ReadLines(File).Where(l => l.Length > 0).Append("[DONE]").Select(l => $"data: {l}\n\n")));

    /// <summary>The recorded request, or a plain one, for a model and with usage asked for or not.</summary>
    public string Request(string model, bool asksForUsage)
    {
        var field = IsEmbeddings ? "input" : "messages";
        var request = RequestFile is null ? null : JsonNode.Parse(System.IO.File.ReadAllText(RequestFile)) as JsonObject;
        if (request is null || !request.ContainsKey(field))
        {
            request = IsEmbeddings
                ? new JsonObject { [field] = "Hello" }
                : new JsonObject { [field] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" }) };
        }

        request["model"] = model;
        request.Remove("stream");
        request.Remove("stream_options");
        if (IsStream)
        {
            request["stream"] = true;
        }

        if (asksForUsage)
        {
            request["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        return request.ToJsonString();
    }

    private static IEnumerable<Recording> ReadAll()
    {
        var own = Path.Combine(Repository.Root, "tests", "Conformance", "recordings");
        return Environment.GetEnvironmentVariable(OtherFolder) is { Length: > 0 } other ? [.. Read(own, ""), .. Read(other, "other: ")] : Read(own, "");
    }

    private static IEnumerable<Recording> Read(string folder, string prefix) => System.IO.File.ReadLines(Path.Combine(folder, "manifest.jsonl"))
        .Select(line => JsonSerializer.Deserialize<Recording>(line, Reading)!)
        .Where(r => r.Api is "openai.chat" or "embeddings")
        .Select(r => r with
        {
            Id = prefix + r.Id,
            File = Path.Combine(folder, r.File),
            RequestFile = r.RequestFile is null ? null : Path.Combine(folder, r.RequestFile),
        });
}
