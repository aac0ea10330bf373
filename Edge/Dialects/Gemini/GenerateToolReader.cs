using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Reads <c>tools</c> and <c>toolConfig</c>.</summary>
internal static class GenerateToolReader
{
    /// <summary>Reads the functions; what the provider itself would run is refused elsewhere.</summary>
    public static void Read(Json tools, Conversation conversation)
    {
        if (tools.IsObject)
        {
            ReadTool(tools, conversation);
            return;
        }

        var items = tools.Items();
        while (items.Next())
        {
            ReadTool(items.Value, conversation);
        }
    }

    /// <summary>Reads which are to be called.</summary>
    public static void ReadConfig(Json config, Conversation conversation)
    {
        var fields = config.Fields();
        while (fields.Next())
        {
            if (CamelNames.Of(fields.NameText) is "functionCallingConfig")
            {
                ReadCalling(fields.Value, conversation);
            }
            else if (!fields.Value.IsNothing)
            {
                conversation.Extras.Add(new Extra(fields.Value, null));
            }
        }
    }

    private static void ReadTool(Json tool, Conversation conversation)
    {
        var fields = tool.Fields();
        while (fields.Next())
        {
            if (CamelNames.Of(fields.NameText) is not "functionDeclarations")
            {
                if (!fields.Value.IsNothing)
                {
                    conversation.Extras.Add(new Extra(fields.Value, "what the provider itself would run has no counterpart in the dialect of this model's provider"));
                }

                continue;
            }

            var functions = fields.Value.Items();
            while (functions.Next())
            {
                conversation.Tools.Add(ReadFunction(functions.Value, conversation));
            }
        }
    }

    private static Tool ReadFunction(Json function, Conversation conversation)
    {
        var (name, description, parameters) = (default(Json), default(Json), default(Json));
        var fields = function.Fields();
        while (fields.Next())
        {
            switch (CamelNames.Of(fields.NameText))
            {
                case "name":
                    name = fields.Value.Text();
                    break;
                case "description":
                    description = fields.Value.Text();
                    break;
                case "parameters":
                    parameters = JsonSchemas.Of(fields.Value.Object());
                    break;
                case "parametersJsonSchema":
                    parameters = fields.Value.Object();
                    break;
                default:
                    if (!fields.Value.IsNothing)
                    {
                        conversation.Extras.Add(new Extra(fields.Value, null));
                    }

                    break;
            }
        }

        return new Tool(name.HasText ? name : throw new DialectFaultException("A function must have a name.", function), description, parameters, default, default);
    }

    private static void ReadCalling(Json calling, Conversation conversation)
    {
        var (mode, first, count) = (default(Json), default(Json), 0);
        var fields = calling.Fields();
        while (fields.Next())
        {
            var name = CamelNames.Of(fields.NameText);
            if (name is "mode")
            {
                mode = fields.Value.Text();
            }
            else if (name is "allowedFunctionNames")
            {
                var names = fields.Value.Items();
                while (names.Next())
                {
                    first = count++ == 0 ? names.Value.Text() : first;
                }

                if (count > 1)
                {
                    // One, or any of all: several of them only Gemini can choose from, unless they are all.
                    conversation.Extras.Add(new Extra(fields.Value, null));
                }
            }
        }

        conversation.ToolChoice = mode.IsNothing || mode.Is("MODE_UNSPECIFIED"u8) ? default
            : mode.Is("NONE"u8) || mode.Is("none"u8) ? new ToolChoice(ToolUse.None, default)
            : mode.Is("ANY"u8) || mode.Is("any"u8) ? (count == 1 ? new ToolChoice(ToolUse.One, first) : new ToolChoice(ToolUse.Any, default))
            : new ToolChoice(ToolUse.Auto, default);
    }
}
