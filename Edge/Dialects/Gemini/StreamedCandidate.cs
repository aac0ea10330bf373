using System.Buffers;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>One of the answers in a stream, as far as it came.</summary>
internal sealed class StreamedCandidate(int index)
{
    private StreamEventKind _last = StreamEventKind.Start;
    private PartialCall? _partial;
    private int _tools;

    public int Index { get; } = index;

    /// <summary>Why it ended, as was told last.</summary>
    public StopReason Stop { get; set; }

    /// <summary>Reads what an event says of it.</summary>
    /// <param name="fields">What it says.</param>
    /// <param name="answer">The answer's id, or nothing.</param>
    /// <param name="calls">Calls of functions so far, over all candidates.</param>
    /// <param name="losses">Takes what is left out.</param>
    /// <param name="to">Takes what was read.</param>
    /// <param name="output">Where that writes to.</param>
    public void Read(in CandidateFields fields, Json answer, ref int calls, Losses losses, EventWriter to, IBufferWriter<byte> output)
    {
        var parts = fields.Parts.Items();
        while (parts.Next())
        {
            ReadPart(PartFields.Of(parts.Value), answer, ref calls, losses, to, output);
        }

        foreach (var source in GroundingSources.Read(fields.Grounding) ?? [])
        {
            to.Write(new StreamEvent(StreamEventKind.Citation) { Candidate = Index, Citation = source }, output);
        }

        if (LogProbabilities.Read(fields.LogProbabilities) is { IsNothing: false } told)
        {
            to.Write(new StreamEvent(StreamEventKind.LogProbabilities) { Candidate = Index, Text = told }, output);
        }

        if (FinishReasons.Read(fields.Reason, _tools > 0) is not StopReason.NotSaid and var stop)
        {
            Stop = stop;
        }
    }

    private void ReadPart(in PartFields part, Json answer, ref int calls, Losses losses, EventWriter to, IBufferWriter<byte> output)
    {
        if (part.Signature.HasText && !part.IsThought)
        {
            if (part.Call.IsObject || _last is StreamEventKind.Reasoning)
            {
                Tell(StreamEventKind.Signature, part.Signature, to, output);
            }
            else
            {
                losses.Add("candidates[0].content.parts[0].thoughtSignature", "what proves reasoning goes with the call of a function, or with the reasoning itself");
            }
        }

        if (part.Call.IsObject)
        {
            ReadCall(CallFields.Of(part.Call), answer, ref calls, to, output);
        }
        else if (part.Text.HasText)
        {
            Tell(part.IsThought ? StreamEventKind.Reasoning : StreamEventKind.Text, part.Text, to, output);
            if (part.IsThought && part.Signature.HasText)
            {
                Tell(StreamEventKind.Signature, part.Signature, to, output);
            }
        }
        else if (!part.Text.IsString && !part.IsEmpty)
        {
            losses.Add("candidates[0].content.parts", "what the provider's own tools did, and what is not text, has no counterpart in a stream");
        }
    }

    private void ReadCall(in CallFields call, Json answer, ref int calls, EventWriter to, IBufferWriter<byte> output)
    {
        if (call.Name.HasText)
        {
            EndPartial(to, output);
            Tell(StreamEventKind.ToolCall, default, to, output, call.Id.HasText ? call.Id : ToolIds.OfAnswer(answer, calls), call.Name);
            (calls, _tools) = (calls + 1, _tools + 1);
        }

        if (call.Arguments.IsObject)
        {
            WriteArguments(call.Arguments, to, output);
        }
        else if (call.WillContinue || _partial is not null)
        {
            _partial ??= new PartialCall();
            _partial.Take(call.Pieces);
            if (!call.WillContinue)
            {
                EndPartial(to, output);
            }
        }
    }

    private void EndPartial(EventWriter to, IBufferWriter<byte> output)
    {
        if (_partial is { } partial)
        {
            _partial = null;
            WriteArguments(partial.Arguments(), to, output);
        }
    }

    private void WriteArguments(Json arguments, EventWriter to, IBufferWriter<byte> output)
    {
        if (_tools > 0)
        {
            to.Write(new StreamEvent(StreamEventKind.ToolArguments) { Candidate = Index, Tool = _tools - 1, Text = JsonText.Quote(arguments) }, output);
        }
    }

    private void Tell(StreamEventKind kind, Json text, EventWriter to, IBufferWriter<byte> output, Json id = default, Json name = default)
    {
        _last = kind;
        to.Write(new StreamEvent(kind) { Candidate = Index, Tool = _tools, Text = text, Id = id, Name = name }, output);
    }
}
