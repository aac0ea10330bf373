using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Puts a prompt into a request for a chat completion.</summary>
internal static class ChatPrompt
{
    /// <exception cref="DialectFaultException">A field is not what the dialect says.</exception>
    public static void Put(RenderedPrompt prompt, JsonObject body)
    {
        var messages = RenderedPrompt.List(body, "messages");
        for (var i = 0; i < prompt.Texts.Length; i++)
        {
            messages.Insert(i, new JsonObject { ["role"] = RenderedPrompt.Spell(prompt.Texts[i].Role), ["content"] = prompt.Texts[i].Text });
        }

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
