using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>A provider that answers as its dialect's pages say, written by hand: ten tokens were read, three of them from a cache where the dialect tells that, and five written.</summary>
internal abstract class Witness
{
    private int _left;

    /// <summary>What it speaks, as a bundle names it.</summary>
    public abstract string Dialect { get; }

    /// <summary>Streams that their caller left.</summary>
    public int Left => Volatile.Read(ref _left);

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        var reply = Reply.To(request.Body);
        if (reply.Fails)
        {
            (http.Response.StatusCode, http.Response.ContentType) = (429, "application/json");
            await http.Response.WriteAsync(Error("Slow down"), http.RequestAborted);
            return;
        }

        if (!IsStreamed(request))
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(Whole(reply).ToJsonString(), http.RequestAborted);
            return;
        }

        http.Response.ContentType = StreamType;
        foreach (var piece in Stream(reply))
        {
            await http.Response.Body.WriteAsync(piece, http.RequestAborted);
            if (reply.Stalls && IsWord(piece))
            {
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await StallAsync(http);
            }
        }
    }

    /// <summary>The media type of its streams.</summary>
    protected virtual string StreamType => "text/event-stream";

    /// <summary>Whether a stream is asked for.</summary>
    protected virtual bool IsStreamed(ReceivedRequest request) => JsonNode.Parse(request.Body)!["stream"]?.GetValue<bool>() is true;

    /// <summary>The body of an error 429.</summary>
    protected abstract string Error(string message);

    /// <summary>A whole answer.</summary>
    protected abstract JsonObject Whole(Reply reply);

    /// <summary>The same as a stream, in pieces that are sent apart.</summary>
    protected abstract IEnumerable<byte[]> Stream(Reply reply);

    /// <summary>One event.</summary>
    protected static byte[] Event(JsonObject data, string? name = null) => System.Text.Encoding.UTF8.GetBytes($"{(name is null ? "" : $"event: {name}\n")}data: {data.ToJsonString()}\n\n");

    /// <summary>JSON of a literal.</summary>
    protected static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    /// <summary>A JSON string of the arguments for a city.</summary>
    protected static string Arguments(string city) => JsonSerializer.Serialize(new { city });

    private static bool IsWord(byte[] piece) => System.Text.Encoding.UTF8.GetString(piece).Contains("Wait", StringComparison.Ordinal);

    private async Task StallAsync(HttpContext http)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = http.RequestAborted.Register(left.SetResult);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        Interlocked.Increment(ref _left);
        http.RequestAborted.ThrowIfCancellationRequested();
    }
}
