using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Puts a prompt into a request for a response.</summary>
internal static class ResponsePrompt
{
    /// <exception cref="DialectFaultException">A field is not what the dialect says.</exception>
    public static void Put(RenderedPrompt prompt, JsonObject body)
    {
        if (body["input"] is JsonValue text && text.GetValueKind() is System.Text.Json.JsonValueKind.String)
        {
            body["input"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text.GetValue<string>() });
        }

        RenderedPrompt.PutFirst(RenderedPrompt.List(body, "input"), prompt.Texts);
        RenderedPrompt.Default(body, "temperature", prompt.Parameters?.Temperature);
        RenderedPrompt.Default(body, "top_p", prompt.Parameters?.TopP);
        RenderedPrompt.Default(body, "max_output_tokens", prompt.Parameters?.MaxTokens);
        if (prompt.ResponseSchema is { } schema)
        {
            RenderedPrompt.Default(body, "text", new JsonObject { ["format"] = new JsonObject { ["type"] = "json_schema", ["name"] = "answer", ["schema"] = schema } });
        }
    }
}
