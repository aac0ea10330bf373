using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Reads a message that is an answer.</summary>
internal static class MessageReader
{
    /// <summary>Reads it.</summary>
    public static Answer Read(Json body)
    {
        var answer = new Answer();
        var candidate = new Candidate();
        var hasContent = false;
        var fields = body.Fields();
        while (fields.Next())
        {
            switch (fields.NameText)
            {
                case "id":
                    answer.Id = fields.Value.IsString ? fields.Value : default;
                    break;
                case "model":
                    answer.Model = fields.Value.IsString ? fields.Value : default;
                    break;
                case "content":
                    hasContent = fields.Value.IsList;
                    BlockReader.ReadContent(fields.Value, candidate.Parts);
                    break;
                case "stop_reason":
                    candidate.Stop = MessageStops.Read(fields.Value);
                    break;
                case "stop_sequence":
                    candidate.StopText = fields.Value.IsString ? fields.Value : default;
                    break;
                case "usage":
                    answer.Usage = TokenUsage.Read(fields.Value.Span);
                    break;
            }
        }

        answer.Candidates.Add(candidate);
        return hasContent ? answer : throw new DialectFaultException("'content' is missing.", "content");
    }
}
