using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Targets;

/// <summary>What a witness does with one request.</summary>
internal enum Deed
{
    /// <summary>Answers, and bills it.</summary>
    Answer,

    /// <summary>500, and no bill.</summary>
    Fail,

    /// <summary>429 with <c>retry-after: 60</c>.</summary>
    Limit,

    /// <summary>401.</summary>
    RefuseKey,

    /// <summary>400.</summary>
    RefuseRequest,

    /// <summary>Resets the connection without an answer.</summary>
    Reset,

    /// <summary>Begins a stream with an error.</summary>
    TellError,

    /// <summary>Sends a stream's head, and nothing more.</summary>
    Stall,

    /// <summary>Sends a stream's first word, and resets.</summary>
    Break,
}

/// <summary>A provider of OpenAI's or Anthropic's dialect that does with each request what the test says, and whose bill is the witness.</summary>
internal sealed class Witness : IAsyncDisposable
{
    private readonly bool _isAnthropic;
    private readonly Func<int, Deed> _script;
    private Upstream? _server;
    private int _count;
    private int _left;
    private long _billed;

    private readonly TimeSpan _takes;
    private readonly TimeSpan _begins;

    private Witness(bool isAnthropic, Func<int, Deed> script, TimeSpan takes, TimeSpan begins) => (_isAnthropic, _script, _takes, _begins) = (isAnthropic, script, takes, begins);

    /// <summary>Requests that came, and the credential of each.</summary>
    public ConcurrentQueue<string> Keys { get; } = new();

    /// <summary>Requests whose client left before they were answered.</summary>
    public int Left => Volatile.Read(ref _left);

    public int Requests => Volatile.Read(ref _count);

    public long Billed => Interlocked.Read(ref _billed);

    /// <summary>Where it is, with the path.</summary>
    public string Address => $"{_server!.Address}/v1";

    public string Dialect => _isAnthropic ? "anthropic" : "openai";

    /// <summary>Starts; the script is asked with the request's number, from 1. Each answer takes a time, a stream between its words, and one before it begins.</summary>
    public static async Task<Witness> StartAsync(bool isAnthropic, Func<int, Deed>? script = null, TimeSpan takes = default, TimeSpan begins = default)
    {
        var witness = new Witness(isAnthropic, script ?? (static _ => Deed.Answer), takes, begins);
        witness._server = await Upstream.StartAsync(witness.ServeAsync);
        return witness;
    }

    /// <summary>A provider that leads here, as YAML.</summary>
    public string Provider(string name, string more = "") => $$"""
        kind: Provider
        name: {{name}}
        dialect: {{Dialect}}
        address: {{Address}}
        {{more}}
        """;

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task ServeAsync(HttpContext http, ReceivedRequest request)
    {
        var deed = _script(Interlocked.Increment(ref _count));
        Keys.Enqueue(request.Headers.GetValueOrDefault("authorization") ?? request.Headers.GetValueOrDefault("x-api-key") ?? "");
        using var body = JsonDocument.Parse(request.Body);
        var streams = body.RootElement.TryGetProperty("stream", out var stream) && stream.GetBoolean();
        switch (deed)
        {
            case Deed.Fail or Deed.Limit or Deed.RefuseKey or Deed.RefuseRequest:
                await RefuseAsync(http, deed);
                break;
            case Deed.Reset:
                http.Abort();
                break;
            case Deed.TellError:
                http.Response.ContentType = "text/event-stream";
                await http.Response.WriteAsync("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"said by the witness: TellError\"}}\n\n", http.RequestAborted);
                break;
            case Deed.Stall:
                http.Response.ContentType = "text/event-stream";
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case Deed.Break:
                http.Response.ContentType = "text/event-stream";
                await http.Response.WriteAsync(Begin() + Word(), http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
                http.Abort();
                break;
            default:
                await AnswerAsync(http, body.RootElement, streams);
                break;
        }
    }

    private async Task AnswerAsync(HttpContext http, JsonElement body, bool streams)
    {
        var most = body.TryGetProperty("max_tokens", out var cap) || body.TryGetProperty("max_completion_tokens", out cap) ? cap.GetInt32() : 5;
        var (input, output) = (7, Math.Min(most, 5));
        await Task.Delay(_begins, TimeProvider.System, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (http.RequestAborted.IsCancellationRequested)
        {
            Interlocked.Increment(ref _left);
            return;
        }

        Interlocked.Add(ref _billed, input + output);
        http.Response.ContentType = streams ? "text/event-stream" : "application/json";
        if (streams)
        {
            await http.Response.WriteAsync(Begin() + Word(), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }

        await Task.Delay(_takes, TimeProvider.System, http.RequestAborted);
        await http.Response.WriteAsync(streams ? Word() + End(input, output) : Whole(input, output), http.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext http, Deed deed)
    {
        http.Response.StatusCode = deed switch { Deed.Limit => 429, Deed.RefuseKey => 401, Deed.RefuseRequest => 400, _ => 500 };
        http.Response.ContentType = "application/json";
        if (deed is Deed.Limit)
        {
            http.Response.Headers.RetryAfter = "60";
        }

        return http.Response.WriteAsync($$$"""{"type":"error","error":{"type":"api_error","message":"said by the witness: {{{deed}}}"}}""", http.RequestAborted);
    }

    private string Whole(int input, int output) => Fill(input, output, _isAnthropic
        ? """{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"of anthropic"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":INPUT,"output_tokens":OUTPUT}}"""
        : """{"id":"c","object":"chat.completion","created":1,"model":"gpt","choices":[{"index":0,"message":{"role":"assistant","content":"of openai"},"finish_reason":"stop"}],"usage":{"prompt_tokens":INPUT,"completion_tokens":OUTPUT,"total_tokens":SUM}}""");

    private string Begin() => _isAnthropic
        ? """
          event: message_start
          data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"usage":{"input_tokens":7,"output_tokens":1}}}

          event: content_block_start
          data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}


          """
        : "";

    private string Word() => _isAnthropic
        ? """
          event: content_block_delta
          data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"anthropic "}}


          """
        : """
          data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{"content":"openai "}}]}


          """;

    private string End(int input, int output) => Fill(input, output, _isAnthropic
        ? """
          event: content_block_stop
          data: {"type":"content_block_stop","index":0}

          event: message_delta
          data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":OUTPUT}}

          event: message_stop
          data: {"type":"message_stop"}


          """
        : """
          data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

          data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt","choices":[],"usage":{"prompt_tokens":INPUT,"completion_tokens":OUTPUT,"total_tokens":SUM}}

          data: [DONE]


          """);

    private static string Fill(int input, int output, string text) => text
        .Replace("INPUT", input.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("OUTPUT", output.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("SUM", (input + output).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
