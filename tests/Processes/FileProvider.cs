using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Sluice.Tests.Processes;

/// <summary>A provider that keeps files as OpenAI does, and answers chats with two tokens.</summary>
public sealed class FileProvider
{
    /// <summary>What is kept, by the ids of its own.</summary>
    public ConcurrentDictionary<string, (string Json, byte[] Bytes)> Files { get; } = new();

    /// <summary>Answers a request, for <see cref="Upstream.StartAsync(Func{HttpContext, ReceivedRequest, Task}, System.Net.IPAddress?)"/>.</summary>
    public async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        http.Response.ContentType = "application/json";
        var id = request.Target.Split('/') is [_, _, "files", var named, ..] ? named : "";
        if (request.Target is "/v1/files")
        {
            var (purpose, name, bytes) = await ReadAsync(request);
            id = $"file-{Guid.NewGuid():n}";
            Files[id] = ($$"""{"object":"file","id":"{{id}}","purpose":"{{purpose}}","filename":"{{name}}","bytes":{{bytes.Length}},"created_at":1700000000,"status":"processed"}""", bytes);
            await http.Response.WriteAsync(Files[id].Json, http.RequestAborted);
        }
        else if (request.Target is "/v1/chat/completions")
        {
            await http.Response.WriteAsync("""{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""", http.RequestAborted);
        }
        else if (!Files.TryGetValue(id, out var file))
        {
            http.Response.StatusCode = 404;
            await http.Response.WriteAsync($$$"""{"error":{"message":"No such File object: {{{id}}}","type":"invalid_request_error","param":"id","code":null}}""", http.RequestAborted);
        }
        else if (request.Target.EndsWith("/content", StringComparison.Ordinal))
        {
            http.Response.ContentType = "application/octet-stream";
            await http.Response.Body.WriteAsync(file.Bytes, http.RequestAborted);
        }
        else if (request.Method is "DELETE" && Files.TryRemove(id, out _))
        {
            await http.Response.WriteAsync($$"""{"id":"{{id}}","object":"file","deleted":true}""", http.RequestAborted);
        }
        else
        {
            await http.Response.WriteAsync(file.Json, http.RequestAborted);
        }
    }

    private static async Task<(string Purpose, string Name, byte[] Bytes)> ReadAsync(ReceivedRequest request)
    {
        var form = new MultipartReader(request.Headers["content-type"].Split("boundary=")[1].Trim('"'), new MemoryStream(request.Body));
        var (purpose, name, bytes) = ("", "", Array.Empty<byte>());
        while (await form.ReadNextSectionAsync() is { } section)
        {
            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content);
            if (section.AsFileSection() is { } file)
            {
                (name, bytes) = (file.FileName, content.ToArray());
            }
            else if (section.AsFormDataSection() is { Name: "purpose" })
            {
                purpose = Encoding.UTF8.GetString(content.ToArray());
            }
        }

        return (purpose, name, bytes);
    }
}
