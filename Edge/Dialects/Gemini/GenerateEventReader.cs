using System.Buffers;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Reads the events of a stream, each an answer whose parts go on with those before. Some models say with each event why they ended: the last one counts.</summary>
internal sealed class GenerateEventReader(Losses losses) : EventReader
{
    private readonly List<StreamedCandidate> _candidates = [];
    private Json _answer;
    private bool _hasBegun;
    private int _calls;

    public override bool IsWhole => _candidates.Exists(static c => c.Stop is not StopReason.NotSaid);

    public override void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output)
    {
        var (candidates, usage, id, model, feedback) = (default(Json), default(Json), default(Json), default(Json), default(Json));
        var fields = Json.OfBody(data).Fields();
        while (fields.Next())
        {
            if (fields.Is("candidates"u8))
            {
                candidates = fields.Value;
            }
            else if (fields.Is("usageMetadata"u8))
            {
                usage = fields.Value;
            }
            else if (fields.Is("modelVersion"u8))
            {
                model = fields.Value.Text();
            }
            else if (fields.Is("responseId"u8))
            {
                id = fields.Value.Text();
            }
            else if (fields.Is("promptFeedback"u8))
            {
                feedback = fields.Value;
            }
            else if (fields.Is("error"u8))
            {
                var failure = ChatFailures.Read(0, fields.Value);
                to.Write(new StreamEvent(StreamEventKind.Error) { Failure = failure.Status >= 400 ? failure : failure with { Status = 500 } }, output);
                HasFailed = true;
                return;
            }
        }

        if (!_hasBegun)
        {
            _hasBegun = true;
            _answer = id.IsNothing ? default : new Json(id.Raw.ToArray(), -1);
            to.Write(new StreamEvent(StreamEventKind.Start) { Id = id, Name = model }, output);
        }

        var items = candidates.Items();
        while (items.Next())
        {
            var read = CandidateFields.Of(items.Value);
            Of((int)(read.Index ?? 0)).Read(read, _answer, ref _calls, losses, to, output);
        }

        if (GenerateAnswerReader.IsBlocked(feedback))
        {
            Of(0).Stop = StopReason.Filtered;
        }

        if (UsageMetadata.Read(usage) is { } told)
        {
            to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = told }, output);
        }
    }

    public override void End(EventWriter to, IBufferWriter<byte> output)
    {
        foreach (var candidate in _candidates)
        {
            if (candidate.Stop is not StopReason.NotSaid)
            {
                to.Write(new StreamEvent(StreamEventKind.Stop) { Candidate = candidate.Index, Stop = candidate.Stop }, output);
            }
        }
    }

    private StreamedCandidate Of(int index)
    {
        var found = _candidates.Find(c => c.Index == index);
        if (found is null)
        {
            found = new StreamedCandidate(index);
            _candidates.Add(found);
        }

        return found;
    }
}
