using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>How a list of models, and one model, is told in a client's dialect.</summary>
internal static class ModelListForm
{
    /// <summary>What the client speaks: OpenAI's and Anthropic's ask at one path, and only the latter name a version.</summary>
    public static Dialect Of(HttpRequest request) =>
        request.Headers.ContainsKey("anthropic-version") ? DialectTable.Anthropic : DialectTable.OfPath(request.Path.Value);

    /// <summary>Writes the list, which is whole: there is no next page.</summary>
    public static void WriteAll(IReadOnlyList<ListedModel> models, Dialect dialect, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (dialect == DialectTable.OpenAI)
        {
            writer.WriteString("object", "list");
        }
        else if (dialect == DialectTable.Anthropic)
        {
            writer.WriteBoolean("has_more", false);
            writer.WriteString("first_id", models.Count > 0 ? models[0].Name : null);
            writer.WriteString("last_id", models.Count > 0 ? models[^1].Name : null);
        }

        writer.WriteStartArray(dialect == DialectTable.Gemini ? "models" : "data");
        foreach (var model in models)
        {
            Write(model, dialect, writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes one.</summary>
    public static void Write(ListedModel model, Dialect dialect, Utf8JsonWriter writer)
    {
        var name = model.Name;
        writer.WriteStartObject();
        if (dialect == DialectTable.Gemini)
        {
            writer.WriteString("name", $"models/{name}");
            writer.WriteString("displayName", name);
            writer.WriteStartArray("supportedGenerationMethods");
            writer.WriteStringValue("generateContent");
            writer.WriteStringValue("countTokens");
            writer.WriteEndArray();
            if (model.ContextTokens is { } context)
            {
                writer.WriteNumber("inputTokenLimit", context);
            }
        }
        else if (dialect == DialectTable.Anthropic)
        {
            writer.WriteString("type", "model");
            writer.WriteString("id", name);
            writer.WriteString("display_name", name);
            writer.WriteString("created_at", "1970-01-01T00:00:00Z");
        }
        else
        {
            writer.WriteString("id", name);
            writer.WriteString("object", "model");
            writer.WriteNumber("created", 0);
            writer.WriteString("owned_by", model.Owner);
        }

        writer.WriteEndObject();
    }
}

/// <summary>What a client may name as a model.</summary>
/// <param name="Name">As it is to be written.</param>
/// <param name="Owner">The provider of a model, <c>prompt</c> of a prompt.</param>
/// <param name="ContextTokens">The most tokens of an input, where they are declared.</param>
internal readonly record struct ListedModel(string Name, string Owner, int? ContextTokens)
{
    public static ListedModel Of(CompiledModel model) => new(model.Resource.Name, model.Targets[0].Provider.Name, model.Resource.ContextTokens);

    public static ListedModel Of(CompiledPrompt prompt) => new(prompt.Resource.ModelName, "prompt", null);
}
