using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Reads <c>generationConfig</c>. Fields: https://ai.google.dev/api/generate-content#generationconfig.</summary>
internal static class GenerateConfigReader
{
    /// <summary>Reads it.</summary>
    public static void Read(Json config, Conversation conversation)
    {
        var (type, schema) = (default(Json), default(Json));
        var fields = config.Fields();
        while (fields.Next())
        {
            var (name, value) = (CamelNames.Of(fields.NameText), fields.Value);
            if (value.IsNothing)
            {
                continue;
            }

            switch (name)
            {
                case "responseMimeType":
                    type = value.Text();
                    break;
                case "responseSchema":
                    schema = JsonSchemas.Of(value.Object());
                    break;
                case "responseJsonSchema":
                    schema = value.Object();
                    break;
                default:
                    if (!TrySample(name, value, conversation) && !TryLimit(name, value, conversation))
                    {
                        ReadExtra(name, value, conversation);
                    }

                    break;
            }
        }

        conversation.Format = ReadFormat(type, schema, conversation);
    }

    private static bool TrySample(string name, Json value, Conversation conversation)
    {
        _ = name switch
        {
            "temperature" => conversation.Temperature = value.Number(),
            "topP" => conversation.TopP = value.Number(),
            "topK" => conversation.TopK = value.Number(),
            "seed" => conversation.Seed = value.Number(),
            "presencePenalty" => conversation.PresencePenalty = value.Number(),
            "frequencyPenalty" => conversation.FrequencyPenalty = value.Number(),
            "logprobs" => conversation.TopLogProbabilities = value.Number(),
            "responseLogprobs" => conversation.LogProbabilities = value.Flag() is true ? value : default,
            _ => default,
        };
        return name is "temperature" or "topP" or "topK" or "seed" or "presencePenalty" or "frequencyPenalty" or "logprobs" or "responseLogprobs";
    }

    private static bool TryLimit(string name, Json value, Conversation conversation)
    {
        switch (name)
        {
            case "maxOutputTokens":
                conversation.MaxTokens = value.Whole();
                return true;
            case "candidateCount":
                conversation.Answers = value.Whole() is > 1 ? value : default;
                return true;
            case "stopSequences":
                var stops = value.Items();
                while (stops.Next())
                {
                    conversation.AddStop(stops.Value);
                }

                return true;
            case "thinkingConfig":
                ReadThinking(value, conversation);
                return true;
            case "responseModalities":
                ReadModalities(value, conversation);
                return true;
            default:
                return false;
        }
    }

    private static void ReadExtra(string name, Json value, Conversation conversation) => conversation.Extras.Add(new Extra(value, name switch
    {
        "speechConfig" => "this model's provider does not speak in its answers",
        "imageConfig" => "this model's provider makes no pictures in its answers",
        _ => null,
    }));

    private static void ReadModalities(Json value, Conversation conversation)
    {
        var items = value.Items();
        while (items.Next())
        {
            if (!items.Value.Is("TEXT"u8) && !items.Value.Is("text"u8) && !items.Value.Is("Text"u8))
            {
                conversation.Extras.Add(new Extra(items.Value, "the answers of this model's provider are text"));
            }
        }
    }

    private static void ReadThinking(Json value, Conversation conversation)
    {
        var (budget, level) = (default(Json), default(Json));
        var fields = value.Fields();
        while (fields.Next())
        {
            var name = CamelNames.Of(fields.NameText);
            budget = name is "thinkingBudget" ? fields.Value.Number() : budget;
            level = name is "thinkingLevel" ? fields.Value.Text() : level;
            if (name is not ("thinkingBudget" or "thinkingLevel" or "includeThoughts") && !fields.Value.IsNothing)
            {
                conversation.Extras.Add(new Extra(fields.Value, null));
            }
        }

        var tokens = budget.Value();
        conversation.Reasoning = tokens switch
        {
            null when !level.HasText => default,
            null => new ReasoningWish(ReasoningMode.NotSaid, Json.Of(level.ForPerson().ToLowerInvariant()), null, value),
            0 => new ReasoningWish(ReasoningMode.Off, default, null, value),
            < 0 => new ReasoningWish(ReasoningMode.Adaptive, default, null, value),
            _ => new ReasoningWish(ReasoningMode.Budget, default, budget.Whole(), value),
        };
    }

    private static OutputFormat ReadFormat(Json type, Json schema, Conversation conversation)
    {
        if (!schema.IsNothing)
        {
            return new OutputFormat(OutputForm.Schema, default, default, schema, default, type.IsNothing ? schema : type);
        }

        if (type.IsNothing || type.Is("text/plain"u8))
        {
            return default;
        }

        if (type.Is("application/json"u8))
        {
            return new OutputFormat(OutputForm.Json, default, default, default, default, type);
        }

        conversation.Extras.Add(new Extra(type, "answers there are text or JSON"));
        return default;
    }
}
