using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Reads a whole answer. Fields: https://ai.google.dev/api/generate-content#generatecontentresponse.</summary>
internal static class GenerateAnswerReader
{
    /// <summary>Reads it. A prompt that was held back has no candidates: told as an answer without words.</summary>
    public static Answer Read(Json body, Losses losses)
    {
        var answer = new Answer();
        var candidates = default(Json);
        var isBlocked = false;
        var fields = body.Fields();
        while (fields.Next())
        {
            switch (fields.NameText)
            {
                case "responseId":
                    answer.Id = fields.Value.IsString ? fields.Value : default;
                    break;
                case "modelVersion":
                    answer.Model = fields.Value.IsString ? fields.Value : default;
                    break;
                case "usageMetadata":
                    answer.Usage = UsageMetadata.Read(fields.Value);
                    break;
                case "promptFeedback":
                    isBlocked = IsBlocked(fields.Value);
                    break;
                case "candidates":
                    candidates = fields.Value;
                    break;
            }
        }

        ReadCandidates(candidates, answer, losses);
        if (answer.Candidates.Count == 0)
        {
            answer.Candidates.Add(new Candidate { Stop = isBlocked ? StopReason.Filtered : throw new DialectFaultException("'candidates' is missing.", "candidates") });
        }

        return answer;
    }

    /// <summary>Whether <c>promptFeedback</c> says that the prompt was held back.</summary>
    public static bool IsBlocked(Json feedback)
    {
        var isBlocked = false;
        var fields = feedback.IsObject ? feedback.Fields() : default;
        while (fields.Next())
        {
            isBlocked |= fields.Is("blockReason"u8) && fields.Value.HasText;
        }

        return isBlocked;
    }

    private static void ReadCandidates(Json candidates, Answer answer, Losses losses)
    {
        var calls = 0;
        var items = candidates.Items();
        while (items.Next())
        {
            var read = CandidateFields.Of(items.Value);
            var candidate = new Candidate { Index = read.Index?? answer.Candidates.Count, LogProbabilities = LogProbabilities.Read(read.LogProbabilities) };
            PartReader.ReadAll(read.Parts, candidate.Parts, null, losses);
            NameCalls(candidate.Parts, answer.Id, ref calls);
            candidate.Stop = FinishReasons.Read(read.Reason, candidate.Parts.Exists(static p => p is ToolCallPart));
            if (GroundingSources.Read(read.Grounding) is { } sources && candidate.Parts.FindLast(static p => p is TextPart) is TextPart text)
            {
                text.Citations = sources;
            }

            answer.Candidates.Add(candidate);
        }
    }

    private static void NameCalls(List<ContentPart> parts, Json answer, ref int calls)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart { Id.HasText: false } call)
            {
                parts[i] = new ToolCallPart { Id = ToolIds.OfAnswer(answer, calls), Name = call.Name, Input = call.Input, Origin = call.Origin };
            }

            calls += parts[i] is ToolCallPart ? 1 : 0;
        }
    }
}
