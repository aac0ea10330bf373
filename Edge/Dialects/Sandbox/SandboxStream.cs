using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Edge.Dialects.Sandbox;

/// <summary>An answer as server-sent events, written while it is read, token by token; ends when its reader leaves.</summary>
internal sealed class SandboxStream : HttpContent
{
    private readonly SandboxAnswer _answer;
    private readonly SandboxSettings _settings;
    private readonly bool _usage;
    private readonly TimeProvider _time;

    public SandboxStream(SandboxAnswer answer, SandboxSettings settings, bool usage, TimeProvider time)
    {
        (_answer, _settings, _usage, _time) = (answer, settings, usage, time);
        Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
    }

    protected override Task<Stream> CreateContentReadStreamAsync()
    {
        var pipe = new Pipe();
        _ = WriteAllAsync(pipe.Writer);
        return Task.FromResult(pipe.Reader.AsStream());
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var events = await CreateContentReadStreamAsync();
        await events.CopyToAsync(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async Task WriteAllAsync(PipeWriter writer)
    {
        Exception? broken = null;
        try
        {
            await WriteEventsAsync(writer);
        }
        catch (Exception e)
        {
            broken = e;
        }

        await writer.CompleteAsync(broken);
    }

    private async Task WriteEventsAsync(PipeWriter writer)
    {
        if (!await WriteAsync(writer, _answer.First()))
        {
            return;
        }

        for (var i = 0; i < _answer.Reply.Pieces.Count; i++)
        {
            if (_settings.Error is not null && i == _settings.After)
            {
                throw new IOException("The sandbox breaks off because it was asked to.");
            }

            if (_settings.Delay > TimeSpan.Zero)
            {
                await Task.Delay(_settings.Delay, _time);
            }

            if (!await WriteAsync(writer, _answer.Piece(i)))
            {
                return;
            }
        }

        await WriteAsync(writer, _answer.Last());
        if (_usage)
        {
            await WriteAsync(writer, _answer.UsageOnly());
        }

        await writer.WriteAsync("data: [DONE]\n\n"u8.ToArray());
    }

    // False: the reader has left.
    private static async Task<bool> WriteAsync(PipeWriter writer, JsonObject chunk)
    {
        byte[] sse = [.. "data: "u8, .. JsonSerializer.SerializeToUtf8Bytes(chunk), .. "\n\n"u8];
        var flushed = await writer.WriteAsync(sse);
        return !flushed.IsCompleted;
    }
}
