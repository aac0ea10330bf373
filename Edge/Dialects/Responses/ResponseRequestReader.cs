using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

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
        var format = FunctionReader.ReadSchema(new OutputFormat(OutputForm.Text, default, default, default, default, value), value);
        var fields = value.Fields();
        while (fields.Next())
        {
            format = fields.Is("type"u8) ? format with { Form = FunctionReader.ReadForm(fields.Value) } : format;
        }

        return format.Form is OutputForm.Schema && format.Schema.IsNothing ? throw new DialectFaultException("'schema' is missing.", value) : format;
    }

    private static void ReadTools(Json value, List<Tool> tools)
    {
        var items = value.Items();
        while (items.Next())
        {
            var type = default(Json);
            var fields = items.Value.Fields();
            while (fields.Next())
            {
                type = fields.Is("type"u8) ? fields.Value : type;
            }

            tools.Add(type.Is("function"u8) ? FunctionReader.Read(items.Value, default)
                : throw new DialectFaultException("Only tools of type 'function' can be sent to a provider of another dialect.", items.Value));
        }
    }

    private static ToolChoice ReadChoice(Json value)
    {
        if (value.IsString)
        {
            return FunctionReader.ReadChoice(value);
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
