using System.Buffers;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Caching.Models;

/// <summary>Gathers the events of a provider's stream into the answer that they tell: for clients who ask for it whole.</summary>
internal sealed class ToldAnswer : EventWriter
{
    private readonly SortedDictionary<int, Told> _candidates = [];

    /// <summary>The answer, once all was told.</summary>
    public Answer Answer { get; } = new();

    /// <summary>Whether something was told that has no place in it.</summary>
    public bool IsLossy { get; private set; }

    /// <summary>All was told.</summary>
    public void End()
    {
        foreach (var told in _candidates.Values)
        {
            told.End();
            Answer.Candidates.Add(told.Candidate);
        }
    }

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        switch (piece.Kind)
        {
            case StreamEventKind.Start:
                (Answer.Id, Answer.Model, Answer.Created, Answer.Fingerprint) = (Kept(piece.Id), Kept(piece.Name), Kept(piece.Created), Kept(piece.Fingerprint));
                break;
            case StreamEventKind.Text or StreamEventKind.Refusal or StreamEventKind.Reasoning:
                Of(piece.Candidate).Say(piece.Kind, Kept(piece.Text));
                break;
            case StreamEventKind.Signature:
                Of(piece.Candidate).Prove(Kept(piece.Text));
                break;
            case StreamEventKind.Redacted:
                Of(piece.Candidate).Add(new ReasoningPart { Redacted = Kept(piece.Text) });
                break;
            case StreamEventKind.ToolCall:
                Of(piece.Candidate).Call(piece.Tool, Kept(piece.Id), Kept(piece.Name));
                break;
            case StreamEventKind.ToolArguments:
                IsLossy |= !Of(piece.Candidate).Argue(piece.Tool, Kept(piece.Text));
                break;
            case StreamEventKind.PartEnd:
                Of(piece.Candidate).EndPart();
                break;
            case StreamEventKind.Stop:
                var ended = Of(piece.Candidate).Candidate;
                (ended.Stop, ended.StopText) = (piece.Stop, Kept(piece.StopText));
                break;
            case StreamEventKind.Usage:
                Answer.Usage = piece.Usage;
                break;
            case StreamEventKind.Citation or StreamEventKind.LogProbabilities or StreamEventKind.Error:
                IsLossy = true;
                break;
            default:
                break;
        }
    }

    // What an event holds lives until the next.
    private static Json Kept(Json value) => new(value.Raw.ToArray(), -1);

    private Told Of(int candidate)
    {
        if (!_candidates.TryGetValue(candidate, out var told))
        {
            _candidates[candidate] = told = new Told(new Candidate { Index = candidate });
        }

        return told;
    }

    /// <summary>One of the answers: parts in the order in which they began.</summary>
    private sealed class Told(Candidate candidate)
    {
        private readonly Dictionary<int, (int Place, Json Id, Json Name, List<ContentPart> Input)> _tools = [];
        private readonly List<ContentPart> _said = [];
        private readonly List<ContentPart> _proof = [];
        private StreamEventKind _open = StreamEventKind.PartEnd;

        public Candidate Candidate => candidate;

        public void Say(StreamEventKind kind, Json text)
        {
            if (_open != kind)
            {
                EndPart();
                _open = kind;
            }

            _said.Add(new TextPart { Text = text });
        }

        public void Prove(Json piece)
        {
            if (_open is not StreamEventKind.Reasoning)
            {
                EndPart();
                _open = StreamEventKind.Reasoning;
            }

            _proof.Add(new TextPart { Text = piece });
        }

        public void Add(ContentPart part)
        {
            EndPart();
            candidate.Parts.Add(part);
        }

        public void Call(int tool, Json id, Json name)
        {
            EndPart();
            _tools[tool] = (candidate.Parts.Count, id, name, []);
            candidate.Parts.Add(new ToolCallPart { Id = id, Name = name, Input = default });
        }

        public bool Argue(int tool, Json piece)
        {
            if (!_tools.TryGetValue(tool, out var call))
            {
                return false;
            }

            call.Input.Add(new TextPart { Text = piece });
            return true;
        }

        public void EndPart()
        {
            switch (_open)
            {
                case StreamEventKind.Text:
                    candidate.Parts.Add(new TextPart { Text = JsonText.Join(_said) });
                    break;
                case StreamEventKind.Refusal:
                    candidate.Parts.Add(new RefusalPart { Text = JsonText.Join(_said) });
                    break;
                case StreamEventKind.Reasoning:
                    candidate.Parts.Add(new ReasoningPart { Text = JsonText.Join(_said), Signature = _proof.Count == 0 ? default : JsonText.Join(_proof) });
                    break;
            }

            _open = StreamEventKind.PartEnd;
            _said.Clear();
            _proof.Clear();
        }

        public void End()
        {
            EndPart();
            foreach (var (tool, (place, id, name, input)) in _tools)
            {
                candidate.Parts[place] = new ToolCallPart { Id = id.HasText ? id : ToolIds.Of(candidate.Index, tool), Name = name, Input = input.Count == 0 ? JsonText.EmptyObject : JsonText.Join(input) };
            }
        }
    }
}
