using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>What a client learns from an answer, whole or streamed: what must be the same in each dialect.</summary>
internal sealed record Told(string Text, string Reasoning, string Tools, StopReason Stop, long Prompt, long Completion)
{
    /// <summary>Of the first answer.</summary>
    public static Told Of(Answer answer)
    {
        var candidate = answer.Candidates.Count > 0 ? answer.Candidates[0] : new Candidate();
        var text = string.Concat(candidate.Parts.Select(p => p switch { TextPart t => Plain(t.Text), RefusalPart r => Plain(r.Text), _ => "" }));
        var reasoning = string.Concat(candidate.Parts.OfType<ReasoningPart>().Select(r => Plain(r.Text) + Unmarked(r.Redacted)));
        var tools = string.Join('|', candidate.Parts.OfType<ToolCallPart>().Select(c => Call(Plain(c.Name), c.Input.IsString ? Plain(c.Input) : c.Input.ToString())));
        return new Told(text, reasoning, tools, candidate.Stop, answer.Usage?.Input ?? 0, answer.Usage?.Output ?? 0);
    }

    /// <summary>Of a stream in its dialect, given in pieces of so many bytes.</summary>
    public static Told OfStream(Dialect dialect, byte[] stream, int piece = int.MaxValue)
    {
        using var collected = new Collected();
        using var translation = new StreamTranslation(dialect.ReadStream(new Losses()), collected);
        Translating.Pass(dialect, stream, translation, piece);
        return collected.Sum();
    }

    /// <summary>The same, as far as both dialects tell it: an end by one of the caller's texts is an end in OpenAI's, a pause too.</summary>
    public Told AsBothTell() => this with
    {
        // Responses tell a call of a tool by itself.
        Stop = Stop is StopReason.Length or StopReason.Filtered ? Stop : Tools.Length > 0 ? StopReason.Tools : StopReason.End,
    };

    private static string Call(string name, string input)
    {
        try
        {
            input = JsonNode.Parse(input.Length == 0 ? "{}" : input)!.ToJsonString();
        }
        catch (JsonException)
        {
            // As the model wrote it.
        }

        return $"{name} {input}";
    }

    // By whom it was made is told besides.
    private static string Unmarked(Json text) => Plain(text) is ['s', 'l', 'u', 'i', 'c', 'e', '.', .. var marked] ? marked[(marked.IndexOf('.', StringComparison.Ordinal) + 1)..] : Plain(text);

    private static string Plain(Json text) => text.IsNothing ? "" : Encoding.UTF8.GetString(text.Unescape().Span);

    private sealed class Collected : EventWriter, IDisposable
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _reasoning = new();
        private readonly SortedDictionary<int, (string Name, StringBuilder Input)> _tools = [];
        private TokenCounts _usage;
        private StopReason _stop;

        public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
        {
            if (piece.Candidate > 0)
            {
                return;
            }

            switch (piece.Kind)
            {
                case StreamEventKind.Text or StreamEventKind.Refusal:
                    _text.Append(Plain(piece.Text));
                    break;
                case StreamEventKind.Reasoning or StreamEventKind.Redacted:
                    _reasoning.Append(Unmarked(piece.Text));
                    break;
                case StreamEventKind.ToolCall:
                    _tools[piece.Tool] = (Plain(piece.Name), new StringBuilder());
                    break;
                case StreamEventKind.ToolArguments:
                    _tools[piece.Tool].Input.Append(Plain(piece.Text));
                    break;
                case StreamEventKind.Usage:
                    _usage = piece.Usage;
                    break;
                case StreamEventKind.Stop:
                    _stop = piece.Stop;
                    break;
            }
        }

        public Told Sum() => new(
            _text.ToString(), _reasoning.ToString(), string.Join('|', _tools.Values.Select(t => Call(t.Name, t.Input.ToString()))), _stop, _usage.Input, _usage.Output);

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
