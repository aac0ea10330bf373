using System.Globalization;
using System.Text.Json;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Prompts;

/// <summary>Which prompt a request names, as <c>"model": "prompt/NAME@VERSION"</c> or as <c>"prompt": { "id", "version", "variables" }</c>.</summary>
/// <param name="Version">Null: the live one.</param>
/// <param name="Variables">An object.</param>
internal readonly record struct PromptReference(string Name, int? Version, JsonElement Variables)
{
    private static readonly JsonElement None = JsonDocument.Parse("{}").RootElement;

    /// <summary>With what the ids of prompts begin that OpenAI keeps: they are its own.</summary>
    private const string KeptElsewhere = "pmpt_";

    /// <summary>Reads it; null where the request names none, or names it wrongly.</summary>
    /// <param name="body">The request, an object.</param>
    /// <param name="modelOfPath">The model's name where the path has it; null: it stands in the body.</param>
    /// <param name="error">What is wrong.</param>
    public static PromptReference? Read(JsonElement body, string? modelOfPath, out ClientError? error)
    {
        error = null;
        var model = modelOfPath ?? (body.TryGetProperty("model", out var written) && written.ValueKind is JsonValueKind.String ? written.GetString() : null);
        var isModel = model?.StartsWith(PromptResource.ModelPrefix, StringComparison.Ordinal) is true;
        body.TryGetProperty("prompt", out var prompt);
        var id = prompt.ValueKind is JsonValueKind.Object ? TextOf(prompt, "id") : null;
        if (!isModel && (id is null || id.StartsWith(KeptElsewhere, StringComparison.Ordinal)))
        {
            return null;
        }

        if (prompt.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
        {
            error = Wrong("prompt", "must be an object with variables, and id and version where the model does not name them");
            return null;
        }

        if (!isModel && model is not null)
        {
            error = Wrong("model", $"a prompt says which model it is for; leave this out, or write '{PromptResource.ModelPrefix}NAME'");
            return null;
        }

        return Read(isModel ? model![PromptResource.ModelPrefix.Length..] : null, id, prompt, out error);
    }

    /// <summary>Of a path that ends with the prompt's name, and its version behind an <c>@</c>.</summary>
    /// <param name="name">The end of the path.</param>
    /// <param name="variables">An object.</param>
    /// <param name="error">What is wrong.</param>
    public static PromptReference? OfPath(string name, JsonElement variables, out ClientError? error)
    {
        error = null;
        var at = name.LastIndexOf('@');
        var number = 0;
        if (at >= 0 && !int.TryParse(name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            error = Wrong("path", "a version is a whole number");
            return null;
        }

        return new PromptReference(at < 0 ? name : name[..at], at < 0 ? null : number, variables);
    }

    private static PromptReference? Read(string? model, string? id, JsonElement prompt, out ClientError? error)
    {
        var at = model?.LastIndexOf('@') ?? -1;
        var (name, version) = at < 0 ? (model, null) : (model![..at], model[(at + 1)..]);
        id = id?.StartsWith(PromptResource.ModelPrefix, StringComparison.Ordinal) is true ? id[PromptResource.ModelPrefix.Length..] : id;
        if (name is not null && id is not null && !string.Equals(name, id, StringComparison.Ordinal))
        {
            error = Wrong("prompt.id", "names another prompt than 'model'");
            return null;
        }

        var told = prompt.ValueKind is JsonValueKind.Object && prompt.TryGetProperty("version", out var field) && field.ValueKind is not JsonValueKind.Null
            ? field.ValueKind is JsonValueKind.String ? field.GetString() : field.GetRawText()
            : null;
        if (version is not null && told is not null && !string.Equals(version, told, StringComparison.Ordinal))
        {
            error = Wrong("prompt.version", "names another version than 'model'");
            return null;
        }

        var number = 0;
        if ((version ?? told) is { } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            error = Wrong(version is null ? "prompt.version" : "model", "a version is a whole number");
            return null;
        }

        if (prompt.ValueKind is not JsonValueKind.Object || !prompt.TryGetProperty("variables", out var variables) || variables.ValueKind is JsonValueKind.Null)
        {
            variables = None;
        }

        error = variables.ValueKind is JsonValueKind.Object ? null : Wrong("prompt.variables", "must be an object");
        return error is null ? new PromptReference((name ?? id)!, (version ?? told) is null ? null : number, variables) : null;
    }

    private static string? TextOf(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static ClientError Wrong(string field, string why) => new(400, $"'{field}': {why}.", "invalid_request", field);
}
