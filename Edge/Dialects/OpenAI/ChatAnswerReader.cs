using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads a chat completion. Fields: https://platform.openai.com/docs/api-reference/chat/object.</summary>
internal static class ChatAnswerReader
{
    /// <summary>Reads it.</summary>
    public static Answer Read(Json body)
    {
        var answer = new Answer();
        var hasChoices = false;
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
                case "created":
                    answer.Created = fields.Value.IsNumber ? fields.Value : default;
                    break;
                case "system_fingerprint":
                    answer.Fingerprint = fields.Value.IsString ? fields.Value : default;
                    break;
                case "service_tier":
                    answer.ServiceTier = fields.Value.IsString ? fields.Value : default;
                    break;
                case "usage":
                    answer.Usage = TokenUsage.Read(fields.Value.Span);
                    break;
                case "error" when fields.Value.IsObject:
                    throw new DialectFaultException($"It is an error: {ChatFailures.Read(502, fields.Value).Message}", "error");
                case "choices":
                    hasChoices = true;
                    ReadChoices(fields.Value, answer.Candidates);
                    break;
            }
        }

        return hasChoices ? answer : throw new DialectFaultException("'choices' is missing.", "choices");
    }

    private static void ReadChoices(Json choices, List<Candidate> candidates)
    {
        var items = choices.Items();
        while (items.Next())
        {
            var candidate = new Candidate { Index = candidates.Count };
            var fields = items.Value.Fields();
            while (fields.Next())
            {
                switch (fields.NameText)
                {
                    case "index":
                        candidate.Index = fields.Value.Whole() ?? candidate.Index;
                        break;
                    case "message":
                        ReadMessage(fields.Value, candidate.Parts);
                        break;
                    case "finish_reason":
                        candidate.Stop = ChatStops.Read(fields.Value);
                        break;
                    case "logprobs":
                        candidate.LogProbabilities = fields.Value.IsObject ? fields.Value : default;
                        break;
                }
            }

            candidates.Add(candidate);
        }
    }

    private static void ReadMessage(Json message, List<ContentPart> parts)
    {
        var said = default(AssistantFields);
        var fields = message.Fields();
        while (fields.Next())
        {
            said.Take(fields.NameText, fields.Value);
            if (fields.Is("audio"u8) && fields.Value.IsObject)
            {
                parts.Add(new ForeignPart { Origin = fields.Value });
            }
        }

        ChatMessageReader.ReadAssistant(said, parts);
    }
}
