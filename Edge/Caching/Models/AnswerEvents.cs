using System.Buffers;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Caching.Models;

/// <summary>Tells a whole answer as the events of a stream: for clients who ask for it so.</summary>
internal static class AnswerEvents
{
    /// <summary>Whether all of it can be told so.</summary>
    public static bool CanTell(Answer answer) => answer.Candidates.TrueForAll(static candidate => candidate.Parts.TrueForAll(static part => part is TextPart or ReasoningPart or RefusalPart or ToolCallPart));

    /// <summary>Tells it.</summary>
    public static void Write(Answer answer, EventWriter to, IBufferWriter<byte> output)
    {
        var usage = answer.Usage ?? default;
        to.Write(new StreamEvent(StreamEventKind.Start) { Id = answer.Id, Name = answer.Model, Created = answer.Created, Fingerprint = answer.Fingerprint, Usage = usage }, output);
        foreach (var candidate in answer.Candidates)
        {
            Write(candidate, (int)candidate.Index, to, output);
        }

        if (answer.Usage is not null)
        {
            to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = usage }, output);
        }

        to.Write(new StreamEvent(StreamEventKind.End), output);
    }

    private static void Write(Candidate candidate, int index, EventWriter to, IBufferWriter<byte> output)
    {
        var tools = 0;
        foreach (var part in candidate.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    Tell(StreamEventKind.Text, text.Text);
                    foreach (var citation in text.Citations ?? [])
                    {
                        to.Write(new StreamEvent(StreamEventKind.Citation) { Candidate = index, Citation = citation }, output);
                    }

                    EndPart();
                    break;
                case ReasoningPart thought:
                    Tell(StreamEventKind.Reasoning, thought.Text);
                    Tell(StreamEventKind.Signature, thought.Signature);
                    EndPart();
                    Tell(StreamEventKind.Redacted, thought.Redacted);
                    break;
                case RefusalPart refusal:
                    Tell(StreamEventKind.Refusal, refusal.Text);
                    break;
                case ToolCallPart call:
                    to.Write(new StreamEvent(StreamEventKind.ToolCall) { Candidate = index, Tool = tools, Id = call.Id, Name = call.Name }, output);
                    var input = call.Input.IsNothing || call.Input.IsString ? call.Input : JsonText.Quote(call.Input);
                    if (input.HasText)
                    {
                        to.Write(new StreamEvent(StreamEventKind.ToolArguments) { Candidate = index, Tool = tools, Text = input }, output);
                    }

                    tools++;
                    break;
            }
        }

        if (!candidate.LogProbabilities.IsNothing)
        {
            to.Write(new StreamEvent(StreamEventKind.LogProbabilities) { Candidate = index, Text = candidate.LogProbabilities }, output);
        }

        to.Write(new StreamEvent(StreamEventKind.Stop) { Candidate = index, Stop = candidate.Stop, StopText = candidate.StopText }, output);

        void Tell(StreamEventKind kind, Json text)
        {
            if (text.HasText)
            {
                to.Write(new StreamEvent(kind) { Candidate = index, Text = text }, output);
            }
        }

        void EndPart() => to.Write(new StreamEvent(StreamEventKind.PartEnd) { Candidate = index }, output);
    }
}
