using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Puts a prompt into a request for a message.</summary>
internal static class MessagesPrompt
{
    /// <exception cref="DialectFaultException">A field is not what the dialect says.</exception>
    public static void Put(RenderedPrompt prompt, JsonObject body)
    {
        if (body["system"] is JsonValue text && text.GetValueKind() is System.Text.Json.JsonValueKind.String)
        {
            body["system"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text.GetValue<string>() });
        }

        var i = 0;
        foreach (var said in prompt.SystemTexts)
        {
            RenderedPrompt.List(body, "system").Insert(i++, new JsonObject { ["type"] = "text", ["text"] = said });
        }

        RenderedPrompt.PutFirst(RenderedPrompt.List(body, "messages"), prompt.Turns);
        RenderedPrompt.Default(body, "temperature", prompt.Parameters?.Temperature);
        RenderedPrompt.Default(body, "top_p", prompt.Parameters?.TopP);
        RenderedPrompt.Default(body, "max_tokens", prompt.Parameters?.MaxTokens);
        if (prompt.ResponseSchema is { } schema)
        {
            RenderedPrompt.Default(body, "output_config", new JsonObject { ["format"] = new JsonObject { ["type"] = "json_schema", ["schema"] = schema } });
        }
    }
}
