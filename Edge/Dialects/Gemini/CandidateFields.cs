using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>The fields of a candidate, of whole answers and of streams.</summary>
internal struct CandidateFields
{
    public long? Index;
    public Json Parts;
    public Json Reason;
    public Json Grounding;
    public Json LogProbabilities;

    public static CandidateFields Of(Json candidate)
    {
        var read = default(CandidateFields);
        var fields = candidate.Fields();
        while (fields.Next())
        {
            if (fields.Is("content"u8))
            {
                var content = fields.Value.Fields();
                while (content.Next())
                {
                    read.Parts = content.Is("parts"u8) ? content.Value : read.Parts;
                }
            }
            else if (fields.Is("index"u8))
            {
                read.Index = fields.Value.Whole() is { } index ? Math.Min(index, int.MaxValue) : null;
            }
            else if (fields.Is("finishReason"u8))
            {
                read.Reason = fields.Value;
            }
            else if (fields.Is("groundingMetadata"u8))
            {
                read.Grounding = fields.Value;
            }
            else if (fields.Is("logprobsResult"u8))
            {
                read.LogProbabilities = fields.Value;
            }
        }

        return read;
    }
}
