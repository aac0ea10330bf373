using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Puts a prompt into a request for a chat completion.</summary>
internal static class ChatPrompt
{
    /// <exception cref="DialectFaultException">A field is not what the dialect says.</exception>
    public static void Put(RenderedPrompt prompt, JsonObject body)
    {
        RenderedPrompt.PutFirst(RenderedPrompt.List(body, "messages"), prompt.Texts);
        RenderedPrompt.Default(body, "temperature", prompt.Parameters?.Temperature);
        RenderedPrompt.Default(body, "top_p", prompt.Parameters?.TopP);
        if (body["max_completion_tokens"] is null)
        {
            RenderedPrompt.Default(body, "max_tokens", prompt.Parameters?.MaxTokens);
        }

        if (prompt.ResponseSchema is { } schema)
        {
            RenderedPrompt.Default(body, "response_format", new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject { ["name"] = "answer", ["schema"] = schema },
            });
        }
    }
}
