using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>What is kept of one of the answers in a stream until it can be told.</summary>
internal sealed class HeldCandidate(int index)
{
    private ArrayBufferWriter<byte>? _signature;

    public int Index { get; } = index;

    public List<HeldCall> Calls { get; } = [];

    /// <summary>Sources on the web.</summary>
    public List<(Json Url, Json Title)> Sources { get; } = [];

    public StopReason Stop { get; set; }

    /// <summary>Whether a piece of what proves reasoning came that was not told.</summary>
    public bool HasSignature => _signature is { WrittenCount: > 0 };

    /// <summary>Takes a piece of it.</summary>
    public void Sign(ReadOnlySpan<byte> piece) => (_signature ??= new ArrayBufferWriter<byte>(256)).Write(piece);

    /// <summary>All of it, to be told now.</summary>
    public Json TakeSignature()
    {
        var wrapped = ThoughtSignature.Wrap(JsonText.OfText(_signature!.WrittenSpan), isRedacted: false);
        _signature.ResetWrittenCount();
        return wrapped;
    }

    /// <summary>Writes what was kept, and why it ended.</summary>
    public void WriteEnd(Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("content"u8);
        writer.WriteStartArray("parts"u8);
        foreach (var call in Calls)
        {
            GenerateAnswerWriter.WriteCall(call.ToPart(), writer, losses);
        }

        writer.WriteEndArray();
        writer.WriteString("role"u8, "model"u8);
        writer.WriteEndObject();
        writer.WriteString("finishReason"u8, FinishReasons.Write(Stop));
        writer.WriteNumber("index"u8, Index);
        GroundingSources.Write(Sources, writer);
        writer.WriteEndObject();
    }
}

/// <summary>The call of a function whose arguments come in pieces.</summary>
internal sealed class HeldCall(int tool, byte[] id, byte[] name)
{
    public int Tool { get; } = tool;

    /// <summary>Their text so far.</summary>
    public ArrayBufferWriter<byte> Arguments { get; } = new(128);

    public ToolCallPart ToPart() => new()
    {
        Id = new Json(id, -1),
        Name = new Json(name, -1),
        Input = Json.TryRead(Arguments.WrittenMemory, out _) is { IsNothing: false } input ? input with { At = -1 } : JsonText.OfText(Arguments.WrittenSpan),
    };
}
