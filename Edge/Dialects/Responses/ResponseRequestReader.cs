using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Reads a request for a response. Fields: https://platform.openai.com/docs/api-reference/responses/create.</summary>
internal static class ResponseRequestReader
{
    private const string KeptState = "only a provider of this dialect keeps what was said before";
    private const string NoSuchAnswer = "its answer has no counterpart in the provider's dialect";

    /// <summary>Reads it.</summary>
    public static Conversation Read(Json body)
    {
        var conversation = new Conversation { IncludeUsage = true };
        var (instructions, input) = (default(Json), default(Json));
        var fields = body.Fields();
        while (fields.Next())
        {
            var value = fields.Value;
            switch (fields.NameText)
            {
                case "instructions":
                    instructions = value.Text();
                    break;
                case "input":
                    input = value;
                    break;
                case var name when !value.IsNothing && !TryReadMeaning(conversation, name, value) && !TryReadSampling(conversation, name, value):
                    ReadExtra(conversation, name, value);
                    break;
            }
        }

        if (instructions.HasText)
        {
            conversation.Turns.Add(new Turn(Role.System) { Parts = { new TextPart { Text = instructions, Origin = instructions } } });
        }

        ResponseItemReader.Read(input, conversation.Turns);
        return conversation;
    }

    private static bool TryReadMeaning(Conversation conversation, string name, Json value)
    {
        switch (name)
        {
            case "model":
                conversation.Model = value.Text();
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
            case "text":
                ReadTextWish(conversation, value);
                return true;
            case "stream":
                conversation.Stream = value.Flag() is true;
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
            case "max_output_tokens":
                conversation.MaxTokens = value.Whole();
                return true;
            case "temperature":
                conversation.Temperature = value.Number();
                return true;
            case "top_p":
                conversation.TopP = value.Number();
                return true;
            case "top_logprobs":
                conversation.TopLogProbabilities = value.Number();
                return true;
            case "reasoning":
                ReadReasoning(conversation, value);
                return true;
            case "include":
                ReadInclude(conversation, value);
                return true;
            default:
                return false;
        }
    }

    private static void ReadExtra(Conversation conversation, string name, Json value)
    {
        var refused = name switch
        {
            "previous_response_id" or "conversation" or "prompt" => KeptState,
            "background" => value.IsTrue ? "its answer would come later" : "",
            "store" => value.IsTrue ? null : "",
            "truncation" => value.Is("disabled"u8) ? "" : null,
            "service_tier" => value.Is("auto"u8) || value.Is("default"u8) ? "" : null,
            "stream_options" => "",
            _ => null,
        };
        if (refused is not "")
        {
            conversation.Extras.Add(new Extra(value, refused));
        }
    }

    private static void ReadInclude(Conversation conversation, Json value)
    {
        var items = value.Items();
        while (items.Next())
        {
            if (items.Value.Is("message.output_text.logprobs"u8))
            {
                conversation.LogProbabilities = new Json("true"u8.ToArray(), items.Value.At);
            }
            else if (!items.Value.Is("reasoning.encrypted_content"u8))
            {
                // What proves reasoning is told without being asked for.
                conversation.Extras.Add(new Extra(items.Value, null));
            }
        }
    }

    private static void ReadReasoning(Conversation conversation, Json value)
    {
        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Is("effort"u8) && fields.Value.Text() is { IsNothing: false } effort)
            {
                conversation.Reasoning = new ReasoningWish(effort.Is("none"u8) ? ReasoningMode.Off : ReasoningMode.NotSaid, effort, null, effort);
            }
            else if (!fields.Value.IsNothing && !fields.Is("summary"u8) && !fields.Is("generate_summary"u8))
            {
                conversation.Extras.Add(new Extra(fields.Value, null));
            }
        }
    }

    private static void ReadTextWish(Conversation conversation, Json value)
    {
        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Is("format"u8))
            {
                conversation.Format = ReadFormat(fields.Value);
            }
            else if (!fields.Value.IsNothing)
            {
                conversation.Extras.Add(new Extra(fields.Value, null));
            }
        }
    }

    private static OutputFormat ReadFormat(Json value)
    {
        var format = new OutputFormat(OutputForm.Text, default, default, default, default, value);
        var fields = value.Fields();
        while (fields.Next())
        {
            format = fields.NameText switch
            {
                "type" => format with
                {
                    Form = fields.Value.Is("text"u8) ? OutputForm.Text : fields.Value.Is("json_object"u8) ? OutputForm.Json
                        : fields.Value.Is("json_schema"u8) ? OutputForm.Schema : throw fields.Value.Wrong("'text', 'json_object' or 'json_schema'"),
                },
                "name" => format with { Name = fields.Value.Text() },
                "description" => format with { Description = fields.Value.Text() },
                "schema" => format with { Schema = fields.Value.Object() },
                "strict" => format with { Strict = fields.Value.Flag() is null ? default : fields.Value },
                _ => format,
            };
        }

        return format.Form is OutputForm.Schema && format.Schema.IsNothing ? throw new DialectFaultException("'schema' is missing.", value) : format;
    }

    private static void ReadTools(Json value, List<Tool> tools)
    {
        var items = value.Items();
        while (items.Next())
        {
            var (tool, type) = (new Tool(default, default, default, default, default), default(Json));
            var fields = items.Value.Fields();
            while (fields.Next())
            {
                type = fields.Is("type"u8) ? fields.Value : type;
                tool = fields.NameText switch
                {
                    "name" => tool with { Name = fields.Value.Text() },
                    "description" => tool with { Description = fields.Value.Text() },
                    "parameters" => tool with { Parameters = fields.Value.Object() },
                    "strict" => tool with { Strict = fields.Value.Flag() is null ? default : fields.Value },
                    _ => tool,
                };
            }

            if (!type.Is("function"u8))
            {
                throw new DialectFaultException("Only tools of type 'function' can be sent to a provider of another dialect.", items.Value);
            }

            tools.Add(tool.Name.HasText ? tool : throw new DialectFaultException("The function must have a name.", items.Value));
        }
    }

    private static ToolChoice ReadChoice(Json value)
    {
        if (value.IsString)
        {
            return new ToolChoice(value.Is("auto"u8) ? ToolUse.Auto : value.Is("none"u8) ? ToolUse.None : value.Is("required"u8) ? ToolUse.Any : throw value.Wrong("'auto', 'none', 'required', or a function"), default);
        }

        var (type, name) = (default(Json), default(Json));
        var fields = value.Fields();
        while (fields.Next())
        {
            type = fields.Is("type"u8) ? fields.Value : type;
            name = fields.Is("name"u8) ? fields.Value.Text() : name;
        }

        return type.Is("function"u8) && name.HasText ? new ToolChoice(ToolUse.One, name)
            : throw new DialectFaultException($"Only 'auto', 'none', 'required' or one function can be asked of a provider of another dialect: {NoSuchAnswer}.", value);
    }
}
