using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Sluice.Tests.Processes;

/// <summary>A provider that keeps files and batches as OpenAI does. A batch ends when a test says so.</summary>
public sealed class BatchProvider
{
    private readonly FileProvider _files = new();

    /// <summary>What is kept, by the ids of its own.</summary>
    public ConcurrentDictionary<string, (string Json, byte[] Bytes)> Files => _files.Files;

    /// <summary>Batches, by the ids of its own.</summary>
    public ConcurrentDictionary<string, JsonObject> Batches { get; } = new();

    /// <summary>The status that a batch is refused with; 0: none is.</summary>
    public int RefusesWith { get; set; }

    /// <summary>Whether it begins batches and fails to say so.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>The lines of the file that the only batch has.</summary>
    public JsonNode[] Input => [.. Encoding.UTF8.GetString(Files[(string)Batches.Values.Single()["input_file_id"]!].Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];

    /// <summary>Ends the only batch.</summary>
    /// <param name="status">How.</param>
    /// <param name="output">Lines of its output; null: it has none.</param>
    public void End(string status, string? output)
    {
        var batch = Batches.Values.Single();
        if (output is not null)
        {
            var id = $"file-{Guid.NewGuid():n}";
            Files[id] = ($$"""{"object":"file","id":"{{id}}"}""", Encoding.UTF8.GetBytes(output));
            batch["output_file_id"] = id;
        }

        batch["status"] = status;
    }

    /// <summary>A line of output: an answer of so many tokens.</summary>
    public static string Line(string id, int input, int output) =>
        $$$$"""{"id":"r","custom_id":"{{{{id}}}}","response":{"status_code":200,"request_id":"q","body":{"object":"chat.completion","usage":{"prompt_tokens":{{{{input}}}},"completion_tokens":{{{{output}}}},"total_tokens":{{{{input + output}}}}}}},"error":null}""";

    /// <summary>Answers a request, for <see cref="Upstream.StartAsync(Func{HttpContext, ReceivedRequest, Task}, System.Net.IPAddress?)"/>.</summary>
    public async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        if (!request.Target.StartsWith("/v1/batches", StringComparison.Ordinal))
        {
            await _files.AnswerAsync(http, request);
            return;
        }

        http.Response.ContentType = "application/json";
        var id = request.Target.Split('/', '?') is [_, _, "batches", { Length: > 0 } named, ..] && !request.Target.Contains('?', StringComparison.Ordinal) ? named : "";
        if (RefusesWith != 0 && request.Method is "POST")
        {
            http.Response.StatusCode = RefusesWith;
            await http.Response.WriteAsync($$$"""{"error":{"message":"No batch of {{{(string?)JsonNode.Parse(request.Body)!["input_file_id"]}}}","type":"invalid_request_error","param":null,"code":null}}""", http.RequestAborted);
        }
        else if (request.Method is "POST" && id.Length == 0)
        {
            var asked = JsonNode.Parse(request.Body)!.AsObject();
            asked["object"] = "batch";
            asked["id"] = $"batch_{Guid.NewGuid():n}";
            asked["status"] = "in_progress";
            asked["created_at"] = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            Batches[(string)asked["id"]!] = asked;
            http.Response.StatusCode = LosesAnswers ? 500 : 200;
            await http.Response.WriteAsync(asked.ToJsonString(), http.RequestAborted);
        }
        else if (id.Length == 0)
        {
            await http.Response.WriteAsync($$"""{"object":"list","data":[{{string.Join(',', Batches.Values.Select(b => b.ToJsonString()))}}],"has_more":false}""", http.RequestAborted);
        }
        else if (!Batches.TryGetValue(id, out var batch))
        {
            http.Response.StatusCode = 404;
        }
        else
        {
            if (request.Target.EndsWith("/cancel", StringComparison.Ordinal))
            {
                batch["status"] = "cancelling";
            }

            await http.Response.WriteAsync(batch.ToJsonString(), http.RequestAborted);
        }
    }
}
