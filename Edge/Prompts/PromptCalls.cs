using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Gemini;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Prompts;

namespace Sluice.Edge.Prompts;

/// <summary>
/// Renders what a request that names a prompt asks for, before it is matched and admitted: from there on it is a request of the caller's dialect to the prompt's model.
/// Described in docs/prompts.md.
/// </summary>
internal static class PromptCalls
{
    /// <summary>Which prompt, and in which version, an answer was asked with.</summary>
    public const string Header = "sluice-prompt";

    // Of the request that a prompt makes, in bytes.
    private const int Most = 4 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Whether a request could name a prompt: cheap, and seldom wrong.</summary>
    public static bool MayBe(in Arrival arrival, ReadOnlySpan<byte> body) =>
        IsPublished(arrival) || (arrival.Revision.Plan.Prompts.Count > 0 && (body.IndexOf("\"prompt"u8) >= 0 || PathModel(arrival)?.StartsWith("prompt/", StringComparison.Ordinal) is true));

    /// <summary>Renders it.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="operation">What for.</param>
    /// <param name="body">As it came.</param>
    public static async ValueTask<PromptCall> RenderAsync(Arrival arrival, Caller caller, ModelOperation operation, ReadOnlyMemory<byte> body)
    {
        using var json = TryParse(IsPublished(arrival) && body.IsEmpty ? "{}"u8.ToArray() : body);
        if (json?.RootElement is not { ValueKind: JsonValueKind.Object } root)
        {
            if (IsPublished(arrival))
            {
                return new PromptCall(default, new ClientError(400, "The request must be a JSON object: the variables of the prompt.", "invalid_request"));
            }

            // No JSON, or a field that stands twice: what reads it next tells it.
            return default;
        }

        var error = default(ClientError);
        var found = IsPublished(arrival) ? PromptReference.OfPath(arrival.Http.Request.Path.Value![Surfaces.PromptsPath.Length..], root, out error) : PromptReference.Read(root, PathModel(arrival), out error);
        if (found is not { } reference)
        {
            return new PromptCall(default, error);
        }

        var (version, label, missing) = Find(arrival, caller, reference);
        if (version is null)
        {
            return new PromptCall(default, missing);
        }

        if (CompiledPrompt.Check(version, reference.Variables) is var (field, why))
        {
            var (all, one) = IsPublished(arrival) ? ("body", field) : ("prompt.variables", $"prompt.variables.{field}");
            var place = field.Length == 0 ? all : one;
            return new PromptCall(default, new ClientError(400, $"'{place}': {why.TrimEnd('.')}.", "invalid_request", place));
        }

        try
        {
            var texts = await CompiledPrompt.RenderAsync(version, reference.Variables);
            var written = Write(arrival, new RenderedPrompt(version.Model, texts, operation is ModelOperation.Chat ? version.Parameters : null), root);
            arrival.Http.Response.Headers[Header] = label;
            return written.Length <= Most ? new PromptCall(written, null, label) : new PromptCall(default, new ClientError(
                413, string.Create(CultureInfo.InvariantCulture, $"The prompt '{label}' makes a request of more than {Most} bytes with these variables."), "request_too_large", "prompt.variables"));
        }
        catch (PromptBoundException bound)
        {
            return new PromptCall(default, new ClientError(400, $"The prompt '{label}': {bound.Message}.", "invalid_request", "prompt.variables"));
        }
        catch (DialectFaultException fault)
        {
            var place = fault.FieldIn(default);
            return new PromptCall(default, new ClientError(400, place is null ? fault.Message : $"'{place}': {fault.Message}", "invalid_request", place));
        }
    }

    /// <summary>Whether only what would be sent is asked for: <c>?render=true</c> of a prompt that is called as an API of its own.</summary>
    public static bool OnlyRenders(in Arrival arrival) => IsPublished(arrival) && string.Equals(arrival.Http.Request.Query["render"], "true", StringComparison.Ordinal);

    private static (Revisions.Resources.PromptVersion? Version, string Label, ClientError? Error) Find(in Arrival arrival, Caller caller, in PromptReference reference)
    {
        if (!arrival.Revision.Plan.Prompts.TryGetValue(reference.Name, out var prompt) || !caller.MayUse(prompt.Resource.ModelName))
        {
            var name = reference.Name.Length <= 128 ? reference.Name : $"{reference.Name[..128]}…";
            return (null, "", new ClientError(404, $"The prompt '{name}' does not exist or you do not have access to it.", "model_not_found", "model"));
        }

        var version = reference.Version is { } number ? prompt.Find(number) : prompt.Choose(caller.Identity.User ?? caller.Identity.KeyId);
        return version is not null
            ? (version, string.Create(CultureInfo.InvariantCulture, $"{reference.Name}@{version.Number}"), null)
            : (null, "", new ClientError(
                404, string.Create(CultureInfo.InvariantCulture, $"The prompt '{reference.Name}' has no version {reference.Version}; it has {string.Join(", ", prompt.Resource.Versions.Select(v => v.Number))}."), "model_not_found", "model"));
    }

    private static ReadOnlyMemory<byte> Write(in Arrival arrival, RenderedPrompt prompt, JsonElement root)
    {
        var request = arrival.Http.Request;
        var body = IsPublished(arrival) ? new JsonObject() : JsonObject.Create(root)!;
        body.Remove("prompt");
        if (IsPublished(arrival) && request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            body["stream"] = true;
        }

        DialectTable.OfPath(request.Path.Value).PutPrompt(prompt, body);
        if (PathModel(arrival) is { } name)
        {
            request.Path = request.Path.Value!.Replace($"/models/{name}:", $"/models/{prompt.Model}:", StringComparison.Ordinal);
        }
        else
        {
            body["model"] = prompt.Model;
        }

        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, JsonText.Options))
        {
            body.WriteTo(writer);
        }

        return bytes.WrittenMemory;
    }

    private static bool IsPublished(in Arrival arrival) => arrival.Http.Request.Path.Value?.StartsWith(Surfaces.PromptsPath, StringComparison.Ordinal) is true;

    private static string? PathModel(in Arrival arrival) =>
        arrival.Http.Request.Path.Value is { } path && DialectTable.OfPath(path) == DialectTable.Gemini ? GeminiPaths.ModelOf(path, out _) : null;

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What became of a request that may have named a prompt.</summary>
/// <param name="Body">The request to the prompt's model; empty: it named none.</param>
/// <param name="Error">Why it cannot be rendered.</param>
/// <param name="Label">The prompt and its version, as <c>name@version</c>; null: it named none.</param>
internal readonly record struct PromptCall(ReadOnlyMemory<byte> Body, ClientError? Error, string? Label = null);
