using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads what chat completions and responses say alike of functions and of the answer's form.</summary>
internal static class FunctionReader
{
    /// <summary>Reads the function that may be called.</summary>
    public static Tool Read(Json function, Json cache)
    {
        var tool = new Tool(default, default, default, default, cache);
        var fields = function.Fields();
        while (fields.Next())
        {
            tool = fields.NameText switch
            {
                "name" => tool with { Name = fields.Value.Text() },
                "description" => tool with { Description = fields.Value.Text() },
                "parameters" => tool with { Parameters = fields.Value.Object() },
                "strict" => tool with { Strict = fields.Value.Flag() is null ? default : fields.Value },
                _ => tool,
            };
        }

        return tool.Name.HasText ? tool : throw new DialectFaultException("The function must have a name.", function);
    }

    /// <summary>Reads a word that says whether functions are to be called.</summary>
    public static ToolChoice ReadChoice(Json word) => new(
        word.Is("auto"u8) ? ToolUse.Auto : word.Is("none"u8) ? ToolUse.None : word.Is("required"u8) || word.Is("any"u8) ? ToolUse.Any : throw word.Wrong("'auto', 'none', 'required', or a function"), default);

    /// <summary>Reads which form the answer's text must have.</summary>
    public static OutputForm ReadForm(Json word) => word.Is("text"u8) ? OutputForm.Text
        : word.Is("json_object"u8) ? OutputForm.Json
        : word.Is("json_schema"u8) ? OutputForm.Schema
        : throw word.Wrong("'text', 'json_object' or 'json_schema'");

    /// <summary>Reads the schema that it must follow.</summary>
    public static OutputFormat ReadSchema(OutputFormat format, Json value)
    {
        var fields = value.Fields();
        while (fields.Next())
        {
            format = fields.NameText switch
            {
                "name" => format with { Name = fields.Value.Text() },
                "description" => format with { Description = fields.Value.Text() },
                "schema" => format with { Schema = fields.Value.Object() },
                "strict" => format with { Strict = fields.Value.Flag() is null ? default : fields.Value },
                _ => format,
            };
        }

        return format;
    }
}
