using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Prompts;

/// <summary><c>GET /v1/openapi.json</c>: the prompts that the key may use as APIs of their own, in OpenAPI 3.1, each with the version that the key is answered by.</summary>
internal sealed class PromptOpenApi(Identification identification)
{
    /// <summary>Answers the document.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(arrival);
        if (caller is null)
        {
            await Answers.WriteErrorAsync(http, error!);
            return;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            Write(arrival.For(caller).Revision.Plan, caller, writer);
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = buffer.WrittenCount;
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    private static void Write(Plan plan, Caller caller, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("openapi"u8, "3.1.0"u8);
        writer.WriteStartObject("info"u8);
        writer.WriteString("title"u8, "Prompts"u8);
        writer.WriteString("version"u8, "1"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("paths"u8);
        foreach (var prompt in plan.Prompts.Values.Where(p => caller.MayCall(plan, p)).OrderBy(p => p.Resource.Name, StringComparer.Ordinal))
        {
            writer.WriteStartObject(prompt.Resource.PublishPath ?? Surfaces.PromptsPath + prompt.Resource.Name);
            Write(prompt.Resource.Name, prompt.Choose(caller.Identity.User ?? caller.Identity.KeyId), writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartObject("components"u8);
        writer.WriteStartObject("securitySchemes"u8);
        writer.WriteStartObject("key"u8);
        writer.WriteString("type"u8, "http"u8);
        writer.WriteString("scheme"u8, "bearer"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(string name, PromptVersion version, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("post"u8);
        writer.WriteString("operationId"u8, name);
        writer.WriteStartArray("security"u8);
        writer.WriteStartObject();
        writer.WriteStartArray("key"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("requestBody"u8);
        WriteContent(version.Variables?.Declared, writer);
        writer.WriteEndObject();
        writer.WriteStartObject("responses"u8);
        writer.WriteStartObject("200"u8);
        writer.WriteString("description"u8, "The answer; with Accept: text/event-stream its pieces as they come."u8);
        writer.WriteStartObject("content"u8);
        writer.WriteStartObject("application/json"u8);
        writer.WriteStartObject("schema"u8);
        WriteAnswer(version.Parameters.ResponseSchema, writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteContent(JsonElement? schema, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("content"u8);
        writer.WriteStartObject("application/json"u8);
        writer.WritePropertyName("schema"u8);
        if (schema is { } declared)
        {
            declared.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue("{\"type\":\"object\",\"maxProperties\":0}"u8);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteAnswer(JsonElement? output, Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, "object"u8);
        writer.WriteStartObject("properties"u8);
        writer.WritePropertyName("text"u8);
        writer.WriteRawValue("{\"type\":\"string\"}"u8);
        writer.WritePropertyName("output"u8);
        if (output is { } schema)
        {
            schema.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue("{\"type\":\"object\",\"description\":\"The object that the text is, where it is one.\"}"u8);
        }

        writer.WritePropertyName("finishReason"u8);
        writer.WriteRawValue("{\"enum\":[\"stop\",\"length\",\"filtered\",\"tools\"]}"u8);
        writer.WritePropertyName("usage"u8);
        writer.WriteRawValue("{\"type\":\"object\",\"properties\":{\"inputTokens\":{\"type\":\"integer\"},\"outputTokens\":{\"type\":\"integer\"}}}"u8);
        writer.WriteEndObject();
    }
}
