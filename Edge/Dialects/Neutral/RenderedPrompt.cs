using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A prompt's messages with their variables put in, as dialects write them before what a caller says.</summary>
/// <param name="Model">The declared model.</param>
/// <param name="Texts">In their order.</param>
/// <param name="Parameters">What is asked of the model where the caller asks for nothing else; null: nothing.</param>
internal sealed record RenderedPrompt(string Model, ImmutableArray<PromptText> Texts, PromptParameters? Parameters)
{
    /// <summary>What dialects with a field for it are told as the system's.</summary>
    public IEnumerable<string> SystemTexts => Texts.Where(t => t.Role is PromptRole.System).Select(t => t.Text);

    /// <summary>All else.</summary>
    public IEnumerable<PromptText> Turns => Texts.Where(t => t.Role is not PromptRole.System);

    /// <summary>The schema of the answer as a node of its own; null: none.</summary>
    public JsonNode? ResponseSchema => Parameters?.ResponseSchema is { } schema ? JsonObject.Create(schema) : null;

    /// <summary>Puts a value where the caller has none.</summary>
    public static void Default(JsonObject to, string name, JsonNode? value)
    {
        if (value is not null && to[name] is null)
        {
            to[name] = value;
        }
    }

    /// <summary>The list of a field, to which may be added; one of its own where the caller has none.</summary>
    /// <exception cref="DialectFaultException">It is something else.</exception>
    public static JsonArray List(JsonObject of, string name)
    {
        switch (of[name])
        {
            case JsonArray list:
                return list;
            case null:
                var made = new JsonArray();
                of[name] = made;
                return made;
            default:
                throw new DialectFaultException("It must be a list.", name);
        }
    }

    /// <summary>Puts texts before what a list has, as most dialects write them.</summary>
    public static void PutFirst(JsonArray to, IEnumerable<PromptText> texts)
    {
        var i = 0;
        foreach (var text in texts)
        {
            to.Insert(i++, new JsonObject { ["role"] = Spell(text.Role), ["content"] = text.Text });
        }
    }

    private static string Spell(PromptRole role) => role switch { PromptRole.System => "system", PromptRole.User => "user", _ => "assistant" };
}
