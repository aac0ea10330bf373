using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Writes the chunks of a streamed chat completion. What is the same in all of them is made once.</summary>
internal sealed class ChatEventWriter(Asked asked, Losses losses) : EventWriter
{
    private byte[] _head = [];
    private TokenCounts? _usage;
    private int _told;

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        switch (piece.Kind)
        {
            case StreamEventKind.Start:
                Begin(piece);
                WriteDelta(output, 0, "\"role\":\"assistant\",\"content\":\"\""u8);
                break;
            case StreamEventKind.Text:
                WriteText(output, piece, "\"content\":"u8, default);
                break;
            case StreamEventKind.Refusal:
                WriteText(output, piece, "\"refusal\":"u8, default);
                break;
            case StreamEventKind.Reasoning:
                WriteText(output, piece, "\"reasoning_content\":"u8, default);
                break;
            case StreamEventKind.Signature:
                WriteText(output, piece, "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"signature\":"u8, "}]"u8);
                break;
            case StreamEventKind.Redacted:
                WriteText(output, piece, "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":"u8, "}]"u8);
                break;
            case StreamEventKind.ToolCall:
                WriteCall(output, piece);
                break;
            case StreamEventKind.ToolArguments:
                WriteArguments(output, piece);
                break;
            case StreamEventKind.Citation:
                WriteCitation(output, piece);
                break;
            case StreamEventKind.LogProbabilities:
                WriteChoice(output, piece.Candidate, default, piece.Text.Span, default);
                break;
            case StreamEventKind.Stop:
                WriteChoice(output, piece.Candidate, default, default, ChatStops.Write(piece.Stop));
                break;
            case StreamEventKind.Usage:
                _usage = piece.Usage;
                break;
            case StreamEventKind.Ping:
                output.Write(": ping\n\n"u8);
                break;
            case StreamEventKind.End:
                End(output);
                break;
            case StreamEventKind.Error:
                output.Write(OpenAIErrors.WriteEvent(piece.Failure!.Status, piece.Failure.Message, piece.Failure.Code));
                break;
            default:
                break;
        }
    }

    private void Begin(in StreamEvent start)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write("data: {\"id\":"u8);
        buffer.Write(start.Id.HasText ? start.Id.Span : "\"chatcmpl\""u8);
        buffer.Write(",\"object\":\"chat.completion.chunk\",\"created\":"u8);
        buffer.Write(start.Created.IsNothing ? Encoding.ASCII.GetBytes(asked.Now.ToString(CultureInfo.InvariantCulture)) : start.Created.Span);
        buffer.Write(",\"model\":"u8);
        buffer.Write(start.Name.IsNothing ? "\"\""u8 : start.Name.Span);
        if (!start.Fingerprint.IsNothing)
        {
            buffer.Write(",\"system_fingerprint\":"u8);
            buffer.Write(start.Fingerprint.Span);
        }

        buffer.Write(",\"choices\":["u8);
        _head = buffer.WrittenSpan.ToArray();
    }

    private void WriteText(IBufferWriter<byte> output, in StreamEvent piece, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        BeginChoice(output, piece.Candidate);
        output.Write(before);
        output.Write(piece.Text.Span);
        output.Write(after);
        output.Write("},\"logprobs\":null,\"finish_reason\":null}]}\n\n"u8);
    }

    private void WriteDelta(IBufferWriter<byte> output, int index, ReadOnlySpan<byte> delta) => WriteChoice(output, index, delta, default, default);

    private void WriteChoice(IBufferWriter<byte> output, int index, ReadOnlySpan<byte> delta, ReadOnlySpan<byte> logs, ReadOnlySpan<byte> reason)
    {
        BeginChoice(output, index);
        output.Write(delta);
        output.Write("},\"logprobs\":"u8);
        SseLines.WriteOnOne(output, logs.IsEmpty ? "null"u8 : logs);
        output.Write(",\"finish_reason\":"u8);
        output.Write(reason.IsEmpty ? "null"u8 : "\""u8);
        output.Write(reason);
        output.Write(reason.IsEmpty ? "}]}\n\n"u8 : "\"}]}\n\n"u8);
    }

    private void BeginChoice(IBufferWriter<byte> output, int index)
    {
        output.Write(_head);
        output.Write("{\"index\":"u8);
        SseLines.Write(output, index);
        output.Write(",\"delta\":{"u8);
    }

    private void WriteCall(IBufferWriter<byte> output, in StreamEvent piece)
    {
        BeginChoice(output, piece.Candidate);
        output.Write("\"tool_calls\":[{\"index\":"u8);
        SseLines.Write(output, piece.Tool);
        output.Write(",\"id\":"u8);
        output.Write(piece.Id.HasText ? piece.Id.Span : ToolIds.Of(piece.Candidate, piece.Tool).Span);
        output.Write(",\"type\":\"function\",\"function\":{\"name\":"u8);
        output.Write(piece.Name.Span);
        output.Write(",\"arguments\":\"\"}}]},\"logprobs\":null,\"finish_reason\":null}]}\n\n"u8);
    }

    private void WriteArguments(IBufferWriter<byte> output, in StreamEvent piece)
    {
        BeginChoice(output, piece.Candidate);
        output.Write("\"tool_calls\":[{\"index\":"u8);
        SseLines.Write(output, piece.Tool);
        output.Write(",\"function\":{\"arguments\":"u8);
        output.Write(piece.Text.Span);
        output.Write("}}]},\"logprobs\":null,\"finish_reason\":null}]}\n\n"u8);
    }

    private void WriteCitation(IBufferWriter<byte> output, in StreamEvent piece)
    {
        if (!piece.Citation.Url.IsString)
        {
            losses.Add("citations", "those of documents have no counterpart in OpenAI's dialect");
            return;
        }

        BeginChoice(output, piece.Candidate);
        output.Write("\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":"u8);
        output.Write(piece.Citation.Url.Span);
        output.Write(",\"title\":"u8);
        output.Write(piece.Citation.Title.IsString ? piece.Citation.Title.Span : "\"\""u8);
        output.Write("}}]},\"logprobs\":null,\"finish_reason\":null}]}\n\n"u8);
    }

    private void End(IBufferWriter<byte> output)
    {
        if (asked.IncludeUsage && _usage is { } usage)
        {
            output.Write(_head);
            output.Write("],\"usage\":"u8);
            using (var writer = new Utf8JsonWriter(output, JsonText.Options))
            {
                ChatAnswerWriter.WriteUsage(usage, writer);
            }

            output.Write("}\n\n"u8);
        }

        _told = SseLines.WriteLosses(output, losses, _told);
        output.Write("data: [DONE]\n\n"u8);
    }
}
