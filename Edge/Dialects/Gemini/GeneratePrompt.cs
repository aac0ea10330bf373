using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Puts a prompt into a request for content, or for the count of it.</summary>
internal static class GeneratePrompt
{
    /// <exception cref="DialectFaultException">A field is not what the dialect says.</exception>
    public static void Put(RenderedPrompt prompt, JsonObject body)
    {
        var to = body[NameIn(body, "generateContentRequest")] as JsonObject ?? body;
        PutSystem(prompt, to);
        if (to["contents"] is JsonObject one)
        {
            to.Remove("contents");
            to["contents"] = new JsonArray(one);
        }

        var i = 0;
        var contents = RenderedPrompt.List(to, "contents");
        foreach (var turn in prompt.Turns)
        {
            contents.Insert(i++, new JsonObject { ["role"] = turn.Role is PromptRole.User ? "user" : "model", ["parts"] = new JsonArray(TextPart(turn.Text)) });
        }

        if (prompt.Parameters is { } parameters)
        {
            PutConfig(prompt, parameters, to);
        }
    }

    private static void PutSystem(RenderedPrompt prompt, JsonObject to)
    {
        var i = 0;
        foreach (var text in prompt.SystemTexts)
        {
            RenderedPrompt.List(Object(to, "systemInstruction"), "parts").Insert(i++, TextPart(text));
        }
    }

    private static void PutConfig(RenderedPrompt prompt, PromptParameters parameters, JsonObject to)
    {
        var config = Object(to, "generationConfig");
        RenderedPrompt.Default(config, NameIn(config, "temperature"), parameters.Temperature);
        RenderedPrompt.Default(config, NameIn(config, "topP"), parameters.TopP);
        RenderedPrompt.Default(config, NameIn(config, "maxOutputTokens"), parameters.MaxTokens);
        if (prompt.ResponseSchema is { } schema && config[NameIn(config, "responseMimeType")] is null)
        {
            config["responseMimeType"] = "application/json";
            config["responseJsonSchema"] = schema;
        }
    }

    private static JsonObject Object(JsonObject of, string camel)
    {
        var name = NameIn(of, camel);
        switch (of[name])
        {
            case JsonObject found:
                return found;
            case null:
                var made = new JsonObject();
                of[name] = made;
                return made;
            default:
                throw new DialectFaultException("It must be an object.", name);
        }
    }

    private static JsonObject TextPart(string text) => new() { ["text"] = text };

    // As the caller wrote it, in either of the two ways.
    private static string NameIn(JsonObject of, string camel) => of.Select(f => f.Key).FirstOrDefault(name => string.Equals(CamelNames.Of(name), camel, StringComparison.Ordinal)) ?? camel;
}
