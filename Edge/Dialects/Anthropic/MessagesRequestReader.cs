using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Reads a request for a message. Fields: https://docs.anthropic.com/en/api/messages.</summary>
internal static class MessagesRequestReader
{
    /// <summary>Reads it.</summary>
    public static Conversation Read(Json body)
    {
        // The stream of this dialect always tells usage.
        var conversation = new Conversation { IncludeUsage = true };
        var fields = body.Fields();
        while (fields.Next())
        {
            if (!fields.Value.IsNothing && !TryRead(conversation, fields.NameText, fields.Value))
            {
                ReadExtra(conversation, fields.NameText, fields.Value);
            }
        }

        return conversation;
    }

    private static bool TryRead(Conversation conversation, string name, Json value)
    {
        switch (name)
        {
            case "model":
                conversation.Model = value.Text();
                return true;
            case "system":
                var system = new Turn(Role.System);
                BlockReader.ReadContent(value, system.Parts);
                conversation.Turns.Insert(0, system);
                return true;
            case "messages":
                ReadMessages(value, conversation.Turns);
                return true;
            case "max_tokens":
                conversation.MaxTokens = value.Whole();
                return true;
            case "stop_sequences":
                var stops = value.Items();
                while (stops.Next())
                {
                    conversation.AddStop(stops.Value);
                }

                return true;
            case "stream":
                conversation.Stream = value.Flag() is true;
                return true;
            case "temperature":
                conversation.Temperature = value.Number();
                return true;
            case "top_p":
                conversation.TopP = value.Number();
                return true;
            case "top_k":
                conversation.TopK = value.Number();
                return true;
            case "tools":
                MessagesToolReader.Read(value, conversation);
                return true;
            case "tool_choice":
                MessagesToolReader.ReadChoice(value, conversation);
                return true;
            case "thinking":
                conversation.Reasoning = ReadThinking(value, conversation);
                return true;
            case "output_config":
                ReadOutput(value, conversation);
                return true;
            case "output_format":
                conversation.Format = ReadFormat(value);
                return true;
            case "metadata":
                ReadMetadata(value, conversation);
                return true;
            default:
                return false;
        }
    }

    private static void ReadExtra(Conversation conversation, string name, Json value)
    {
        var refused = name switch
        {
            "container" or "mcp_servers" => "what the provider itself would run has no counterpart in the dialect of this model's provider",
            "service_tier" => value.Is("auto"u8) ? "" : null,
            _ => null,
        };
        if (refused is not "")
        {
            conversation.Extras.Add(new Extra(value, refused));
        }
    }

    private static void ReadMessages(Json messages, List<Turn> turns)
    {
        var items = messages.Items();
        while (items.Next())
        {
            var (role, content) = (default(Json), default(Json));
            var fields = items.Value.Fields();
            while (fields.Next())
            {
                role = fields.Is("role"u8) ? fields.Value.Text() : role;
                content = fields.Is("content"u8) ? fields.Value : content;
            }

            var turn = new Turn(role.Is("user"u8) ? Role.User : role.Is("assistant"u8) ? Role.Assistant : role.Is("system"u8) ? Role.System
                : throw (role.IsNothing ? new DialectFaultException("A message must have a role.", items.Value) : role.Wrong("'user' or 'assistant'")));
            if (content.IsNothing)
            {
                throw new DialectFaultException("A message must have content.", items.Value);
            }

            BlockReader.ReadContent(content, turn.Parts);
            turns.Add(turn);
        }
    }

    private static ReasoningWish ReadThinking(Json value, Conversation conversation)
    {
        var (type, budget) = (default(Json), default(Json));
        var fields = value.Fields();
        while (fields.Next())
        {
            type = fields.Is("type"u8) ? fields.Value.Text() : type;
            budget = fields.Is("budget_tokens"u8) ? fields.Value : budget;
            if (!fields.Is("type"u8) && !fields.Is("budget_tokens"u8))
            {
                conversation.Extras.Add(new Extra(fields.Value, null));
            }
        }

        var mode = !type.HasText ? throw value.Wrong("of a type, as 'enabled', 'adaptive' or 'disabled'")
            : type.Is("disabled"u8) ? ReasoningMode.Off : type.Is("enabled"u8) ? ReasoningMode.Budget : ReasoningMode.Adaptive;
        return new ReasoningWish(mode, conversation.Reasoning.Effort, budget.Whole(), value);
    }

    private static void ReadOutput(Json value, Conversation conversation)
    {
        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Is("effort"u8))
            {
                conversation.Reasoning = conversation.Reasoning with { Effort = fields.Value.Text() };
            }
            else if (fields.Is("format"u8))
            {
                conversation.Format = ReadFormat(fields.Value);
            }
            else
            {
                conversation.Extras.Add(new Extra(fields.Value, null));
            }
        }
    }

    private static OutputFormat ReadFormat(Json value)
    {
        var (type, schema) = (default(Json), default(Json));
        var fields = value.Fields();
        while (fields.Next())
        {
            type = fields.Is("type"u8) ? fields.Value.Text() : type;
            schema = fields.Is("schema"u8) ? fields.Value.Object() : schema;
        }

        return value.IsNothing ? default : type.Is("json_schema"u8) && !schema.IsNothing ? new OutputFormat(OutputForm.Schema, default, default, schema, default, value)
            : throw value.Wrong("of type 'json_schema', with a schema");
    }

    private static void ReadMetadata(Json value, Conversation conversation)
    {
        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Is("user_id"u8))
            {
                conversation.User = fields.Value.Text();
            }
            else
            {
                conversation.Extras.Add(new Extra(fields.Value, null));
            }
        }
    }
}
