using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>
/// Writes the events of a stream. Words go out as they come; the call of a function is told whole, when its answer ends; why an answer ended waits for the usage, which other dialects tell last.
/// </summary>
internal sealed class GenerateEventWriter(Losses losses) : EventWriter
{
    private readonly List<HeldCandidate> _candidates = [];
    private byte[] _tail = "}\n\n"u8.ToArray();
    private TokenCounts? _usage;

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        if (piece.Kind is not StreamEventKind.Signature)
        {
            WriteSignature(piece.Candidate, output);
        }

        switch (piece.Kind)
        {
            case StreamEventKind.Start:
                Begin(piece);
                break;
            case StreamEventKind.Text or StreamEventKind.Refusal:
                if (piece.Kind is StreamEventKind.Refusal)
                {
                    losses.Add("refusal", "Gemini's dialect does not tell it from other text");
                }

                WritePart(output, piece.Candidate, "{\"text\":"u8, piece.Text.Span, "}"u8);
                break;
            case StreamEventKind.Reasoning:
                WritePart(output, piece.Candidate, "{\"text\":"u8, piece.Text.Span, ",\"thought\":true}"u8);
                break;
            case StreamEventKind.Signature:
                Of(piece.Candidate).Sign(piece.Text.Unescape().Span);
                break;
            case StreamEventKind.Redacted:
                WritePart(output, piece.Candidate, "{\"text\":\"\",\"thought\":true,\"thoughtSignature\":"u8, ThoughtSignature.Wrap(piece.Text, isRedacted: true).Span, "}"u8);
                break;
            case StreamEventKind.ToolCall:
                Of(piece.Candidate).Calls.Add(new HeldCall(piece.Tool, piece.Id.Raw.ToArray(), piece.Name.Raw.ToArray()));
                break;
            case StreamEventKind.ToolArguments:
                Of(piece.Candidate).Calls.Find(CallOf(piece.Tool))?.Arguments.Write(piece.Text.Unescape().Span);
                break;
            case StreamEventKind.Citation when piece.Citation.Url.IsString:
                Of(piece.Candidate).Sources.Add((Keep(piece.Citation.Url), Keep(piece.Citation.Title)));
                break;
            case StreamEventKind.Citation:
                losses.Add("citations", "sources in documents have no counterpart in Gemini's dialect");
                break;
            case StreamEventKind.LogProbabilities:
                WriteProbabilities(output, piece.Candidate, piece.Text);
                break;
            case StreamEventKind.Stop:
                Of(piece.Candidate).Stop = piece.Stop;
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
                output.Write("data: "u8);
                output.Write(GeminiErrors.Write(piece.Failure!.Status, piece.Failure.Message));
                output.Write("\n\n"u8);
                break;
            default:
                break;
        }
    }

    private static Predicate<HeldCall> CallOf(int tool) => call => call.Tool == tool;

    private static Json Keep(Json value) => value.IsString ? new Json(value.Raw.ToArray(), -1) : default;

    private HeldCandidate Of(int index)
    {
        foreach (var candidate in _candidates)
        {
            if (candidate.Index == index)
            {
                return candidate;
            }
        }

        var held = new HeldCandidate(index);
        _candidates.Add(held);
        return held;
    }

    private void Begin(in StreamEvent start)
    {
        losses.Add(start.Fingerprint, "Gemini's dialect has no such field");
        var tail = new ArrayBufferWriter<byte>(128);
        if (start.Name.HasText)
        {
            tail.Write(",\"modelVersion\":"u8);
            tail.Write(start.Name.Span);
        }

        if (start.Id.HasText)
        {
            tail.Write(",\"responseId\":"u8);
            tail.Write(start.Id.Span);
        }

        tail.Write("}\n\n"u8);
        _tail = tail.WrittenSpan.ToArray();
    }

    private void WriteSignature(int index, IBufferWriter<byte> output)
    {
        if (_candidates.Count > 0 && Of(index) is { HasSignature: true } candidate)
        {
            WritePart(output, index, "{\"text\":\"\",\"thought\":true,\"thoughtSignature\":"u8, candidate.TakeSignature().Span, "}"u8);
        }
    }

    private void WritePart(IBufferWriter<byte> output, int index, ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, ReadOnlySpan<byte> after)
    {
        output.Write("data: {\"candidates\":[{\"content\":{\"parts\":["u8);
        output.Write(before);
        output.Write(value);
        output.Write(after);
        output.Write("],\"role\":\"model\"},\"index\":"u8);
        SseLines.Write(output, index);
        output.Write("}]"u8);
        output.Write(_tail);
    }

    private void WriteProbabilities(IBufferWriter<byte> output, int index, Json probabilities)
    {
        output.Write("data: {\"candidates\":["u8);
        using (var writer = new Utf8JsonWriter(output, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, index);
            LogProbabilities.Write(probabilities, writer);
            writer.WriteEndObject();
        }

        output.Write("]"u8);
        output.Write(_tail);
    }

    private void End(IBufferWriter<byte> output)
    {
        foreach (var candidate in _candidates)
        {
            WriteSignature(candidate.Index, output);
        }

        output.Write("data: {\"candidates\":["u8);
        using (var writer = new Utf8JsonWriter(output, JsonText.Options))
        {
            foreach (var candidate in _candidates)
            {
                candidate.WriteEnd(writer, losses);
            }
        }

        output.Write("]"u8);
        if (_usage is { } usage)
        {
            output.Write(",\"usageMetadata\":"u8);
            using var writer = new Utf8JsonWriter(output, JsonText.Options);
            UsageMetadata.Write(usage, writer);
        }

        output.Write(_tail);
        SseLines.WriteLosses(output, losses, 0);
    }
}
