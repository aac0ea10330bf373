using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Reads the tools of a request, and which of them are to be called.</summary>
internal static class MessagesToolReader
{
    /// <summary>Reads <c>tools</c>. Those that the provider itself runs exist nowhere else.</summary>
    public static void Read(Json tools, Conversation conversation)
    {
        var items = tools.Items();
        while (items.Next())
        {
            conversation.Tools.Add(ReadOne(items.Value, conversation.Extras));
        }
    }

    /// <summary>Reads <c>tool_choice</c>.</summary>
    public static void ReadChoice(Json choice, Conversation conversation)
    {
        var (type, name) = (default(Json), default(Json));
        var fields = choice.Fields();
        while (fields.Next())
        {
            type = fields.Is("type"u8) ? fields.Value.Text() : type;
            name = fields.Is("name"u8) ? fields.Value.Text() : name;
            if (fields.Is("disable_parallel_tool_use"u8) && fields.Value.Flag() is { } disabled)
            {
                conversation.ParallelTools = !disabled;
            }
        }

        var use = type.Is("auto"u8) ? ToolUse.Auto : type.Is("any"u8) ? ToolUse.Any : type.Is("none"u8) ? ToolUse.None : type.Is("tool"u8) && name.HasText ? ToolUse.One
            : throw choice.Wrong("of type 'auto', 'any', 'none', or 'tool' with a name");
        conversation.ToolChoice = new ToolChoice(use, name);
    }

    private static Tool ReadOne(Json value, List<Extra> extras)
    {
        var tool = new Tool(default, default, default, default, default);
        var fields = value.Fields();
        while (fields.Next())
        {
            if (fields.Value.IsNothing)
            {
                continue;
            }

            switch (fields.NameText)
            {
                case "type" when !fields.Value.Is("custom"u8):
                    throw new DialectFaultException("A tool that the provider itself runs has no counterpart in the dialect of this model's provider.", value);
                case "type":
                    break;
                case "name":
                    tool = tool with { Name = fields.Value.Text() };
                    break;
                case "description":
                    tool = tool with { Description = fields.Value.Text() };
                    break;
                case "input_schema":
                    tool = tool with { Parameters = fields.Value.Object() };
                    break;
                case "strict":
                    tool = tool with { Strict = fields.Value.Flag() is null ? default : fields.Value };
                    break;
                case "cache_control":
                    tool = tool with { CacheControl = fields.Value };
                    break;
                default:
                    extras.Add(new Extra(fields.Value, null));
                    break;
            }
        }

        return tool.Name.HasText ? tool : throw new DialectFaultException("A tool must have a name.", value);
    }
}
