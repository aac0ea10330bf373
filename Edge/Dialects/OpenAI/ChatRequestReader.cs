using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads a request for chat completions. Fields: https://platform.openai.com/docs/api-reference/chat/create.</summary>
internal static class ChatRequestReader
{
    private const string NoSuchAnswer = "its answer has no counterpart in the provider's dialect";

    /// <summary>Reads it.</summary>
    public static Conversation Read(Json body)
    {
        var conversation = new Conversation();
        var fields = body.Fields();
        while (fields.Next())
        {
            var value = fields.Value;
            if (!value.IsNothing && !TryReadMeaning(conversation, fields.NameText, value) && !TryReadSampling(conversation, fields.NameText, value))
            {
                ReadExtra(conversation, fields.NameText, value);
            }
        }

        return conversation;
    }

    private static bool TryReadMeaning(Conversation conversation, string name, Json value)
    {
        switch (name)
        {
            case "model":
                conversation.Model = value.Text();
                return true;
            case "messages":
                ChatMessageReader.Read(value, conversation.Turns);
                return true;
            case "tools":
                ReadTools(value, conversation.Tools);
                return true;
            case "tool_choice":
                conversation.ToolChoice = ReadChoice(value);
                return true;
            case "parallel_tool_calls":
                conversation.ParallelTools = value.Flag();
                return true;
            case "response_format":
                conversation.Format = ReadFormat(value);
                return true;
            case "stream":
                conversation.Stream = value.Flag() is true;
                return true;
            case "stream_options":
                ReadStreamOptions(conversation, value);
                return true;
            case "user" or "safety_identifier":
                conversation.User = value.Text();
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadSampling(Conversation conversation, string name, Json value)
    {
        switch (name)
        {
            case "temperature":
                conversation.Temperature = value.Number();
                return true;
            case "top_p":
                conversation.TopP = value.Number();
                return true;
            case "top_k":
                conversation.TopK = value.Number();
                return true;
            case "frequency_penalty":
                conversation.FrequencyPenalty = value.Number();
                return true;
            case "presence_penalty":
                conversation.PresencePenalty = value.Number();
                return true;
            case "seed":
                conversation.Seed = value.Number();
                return true;
            case "max_tokens" or "max_completion_tokens":
                conversation.MaxTokens = Math.Max(conversation.MaxTokens ?? 0, value.Whole()!.Value);
                return true;
            case "n":
                conversation.Answers = value.Whole() > 1 ? value : default;
                return true;
            case "stop":
                ReadStop(conversation, value);
                return true;
            case "reasoning_effort":
                conversation.Reasoning = new ReasoningWish(value.Is("none"u8) ? ReasoningMode.Off : ReasoningMode.NotSaid, value.Text(), null, value);
                return true;
            case "logprobs":
                conversation.LogProbabilities = value.Flag() is true ? value : default;
                return true;
            case "top_logprobs":
                conversation.TopLogProbabilities = value.Number();
                return true;
            default:
                return false;
        }
    }

    private static void ReadExtra(Conversation conversation, string name, Json value)
    {
        var refused = name switch
        {
            "modalities" => SaysOnlyText(value) ? "" : NoSuchAnswer,
            "audio" or "web_search_options" => NoSuchAnswer,
            "functions" or "function_call" => "it was replaced by 'tools' and 'tool_choice', which are carried",
            "store" => value.IsTrue ? null : "",
            "service_tier" => value.Is("auto"u8) || value.Is("default"u8) ? "" : null,
            _ => null,
        };
        if (refused is not "")
        {
            conversation.Extras.Add(new Extra(value, refused));
        }
    }

    private static bool SaysOnlyText(Json modalities)
    {
        var items = modalities.Items();
        while (items.Next())
        {
            if (!items.Value.Is("text"u8))
            {
                return false;
            }
        }

        return true;
    }

    private static void ReadStop(Conversation conversation, Json value)
    {
        if (value.IsString)
        {
            conversation.Stop.Add(value);
            return;
        }

        var items = value.Items();
        while (items.Next())
        {
            conversation.AddStop(items.Value);
        }
    }

    private static void ReadStreamOptions(Conversation conversation, Json value)
    {
        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Is("include_usage"u8))
            {
                conversation.IncludeUsage = fields.Value.Flag() is true;
            }
        }
    }

    private static void ReadTools(Json value, List<Tool> tools)
    {
        var items = value.Items();
        while (items.Next())
        {
            var (type, function, cache) = (default(Json), default(Json), default(Json));
            var fields = items.Value.Fields();
            while (fields.Next())
            {
                type = fields.Is("type"u8) ? fields.Value : type;
                function = fields.Is("function"u8) ? fields.Value : function;
                cache = fields.Is("cache_control"u8) ? fields.Value : cache;
            }

            if (!type.Is("function"u8) || function.IsNothing)
            {
                throw new DialectFaultException("Only tools of type 'function' can be sent to a provider of another dialect.", items.Value);
            }

            tools.Add(FunctionReader.Read(function, cache));
        }
    }

    private static ToolChoice ReadChoice(Json value)
    {
        if (value.IsString)
        {
            return FunctionReader.ReadChoice(value);
        }

        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Is("function"u8))
            {
                var function = fields.Value.Fields();
                while (function.Next())
                {
                    if (function.Is("name"u8))
                    {
                        return new ToolChoice(ToolUse.One, function.Value.Text());
                    }
                }
            }
        }

        throw new DialectFaultException("Only 'auto', 'none', 'required' or one function can be asked of a provider of another dialect.", value);
    }

    private static OutputFormat ReadFormat(Json value)
    {
        var format = new OutputFormat(OutputForm.Text, default, default, default, default, value);
        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Is("type"u8))
            {
                format = format with { Form = FunctionReader.ReadForm(fields.Value) };
            }
            else if (fields.Is("json_schema"u8))
            {
                format = FunctionReader.ReadSchema(format, fields.Value);
            }
        }

        return format.Form is OutputForm.Schema && format.Schema.IsNothing ? throw new DialectFaultException("'json_schema.schema' is missing.", value) : format;
    }
}
