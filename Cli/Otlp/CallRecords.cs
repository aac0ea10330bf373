using System.Globalization;
using System.Text.Json;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Otlp;

/// <summary>
/// Writes calls as log records of OTLP 1.x in its JSON form: whole numbers of 64 bits are text, and times nanoseconds since 1970. Names are those of OpenTelemetry's conventions for HTTP and
/// generative AI, where they have one.
/// </summary>
internal static class CallRecords
{
    /// <summary>The name of each record's event.</summary>
    public const string EventName = "sluice.call";

    private const int NanosPerTick = 100;
    private const int Info = 9;
    private const int Warning = 13;
    private const int Error = 17;

    /// <summary>The body of one request: a resource for each edge that served some of them.</summary>
    public static byte[] Write(IReadOnlyList<CallView> calls)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("resourceLogs");
            foreach (var edge in calls.GroupBy(call => call.Edge, StringComparer.Ordinal))
            {
                WriteEdge(writer, edge.Key, edge);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return body.ToArray();
    }

    private static void WriteEdge(Utf8JsonWriter writer, string edge, IEnumerable<CallView> calls)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("resource");
        writer.WriteStartArray("attributes");
        Put(writer, "service.name", "sluice-edge");
        Put(writer, "service.instance.id", edge);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartArray("scopeLogs");
        writer.WriteStartObject();
        writer.WriteStartObject("scope");
        writer.WriteString("name", "sluice.calls");
        writer.WriteEndObject();
        writer.WriteStartArray("logRecords");
        foreach (var call in calls)
        {
            WriteCall(writer, call);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter writer, CallView call)
    {
        var (severity, text) = call.Status switch { >= 500 => (Error, "ERROR"), >= 400 => (Warning, "WARN"), _ => (Info, "INFO") };
        writer.WriteStartObject();
        writer.WriteString("timeUnixNano", Nanos(call.Ended));
        writer.WriteString("observedTimeUnixNano", Nanos(call.Ended));
        writer.WriteNumber("severityNumber", severity);
        writer.WriteString("severityText", text);
        writer.WriteString("eventName", EventName);
        writer.WriteStartObject("body");
        writer.WriteString("stringValue", string.Create(CultureInfo.InvariantCulture, $"{call.Method} {call.Path} {call.Status}"));
        writer.WriteEndObject();
        writer.WriteStartArray("attributes");
        PutHttp(writer, call);
        PutModel(writer, call);
        PutOwn(writer, call);
        PutBodies(writer, call.Bodies);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void PutHttp(Utf8JsonWriter writer, CallView call)
    {
        Put(writer, "http.request.method", call.Method);
        Put(writer, "url.path", call.Path);
        Put(writer, "server.address", call.Host);
        Put(writer, "http.response.status_code", call.Status);
        Put(writer, "error.type", call.Error);
        Put(writer, "user.id", call.User);
    }

    private static void PutModel(Utf8JsonWriter writer, CallView call)
    {
        if (call.Provider is null)
        {
            return;
        }

        Put(writer, "gen_ai.request.model", call.Asked);
        Put(writer, "gen_ai.response.model", call.Model);
        Put(writer, "gen_ai.prompt.name", call.Prompt);
        Put(writer, "sluice.provider", call.Provider);
        if (call.Tokens is { } tokens)
        {
            Put(writer, "gen_ai.usage.input_tokens", tokens.Input);
            Put(writer, "gen_ai.usage.output_tokens", tokens.Output);
            Put(writer, "gen_ai.usage.cache_read.input_tokens", tokens.CachedRead);
            Put(writer, "gen_ai.usage.cache_write.input_tokens", tokens.CacheWrite);
            Put(writer, "gen_ai.usage.reasoning.output_tokens", tokens.Reasoning);
        }
    }

    private static void PutOwn(Utf8JsonWriter writer, CallView call)
    {
        Put(writer, "sluice.request", call.Request);
        Put(writer, "sluice.tenant", call.Tenant);
        Put(writer, "sluice.key", call.Key);
        Put(writer, "sluice.asked", call.Asked);
        Put(writer, "sluice.part", call.Part);
        Put(writer, "sluice.usage.source", call.Source);
        Put(writer, "sluice.refused_by", call.RefusedBy);
        Put(writer, "sluice.revision", call.Revision);
        Put(writer, "sluice.attempts", call.Attempts);
        Put(writer, "sluice.latency_ms", call.LatencyMs);
        if (call.FirstMs is { } first)
        {
            Put(writer, "sluice.first_ms", first);
        }

        if (double.TryParse(call.Cost, NumberStyles.Float, CultureInfo.InvariantCulture, out var cost))
        {
            Put(writer, "sluice.cost_usd", cost);
        }

        if (call.IsCached)
        {
            Put(writer, "sluice.cached", isTrue: true);
        }

        if (call.Tags is { Count: > 0 } tags)
        {
            Begin(writer, "sluice.tags");
            writer.WriteStartObject("arrayValue");
            writer.WriteStartArray("values");
            foreach (var tag in tags)
            {
                writer.WriteStartObject();
                writer.WriteString("stringValue", tag);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            End(writer);
        }
    }

    // As they are kept, which may be less than was sent, and redacted: they are no messages of the conventions.
    private static void PutBodies(Utf8JsonWriter writer, CallBodyAnswer? said)
    {
        if (said is null)
        {
            return;
        }

        Put(writer, "http.request.body.size", said.RequestBody.Size);
        Put(writer, "sluice.request.body", said.RequestBody.Text);
        Put(writer, "sluice.request.body.why", said.RequestBody.Why);
        Put(writer, "http.response.body.size", said.AnswerBody.Size);
        Put(writer, "sluice.answer.body", said.AnswerBody.Text);
        Put(writer, "sluice.answer.body.why", said.AnswerBody.Why);
    }

    private static string Nanos(DateTimeOffset time) => ((time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NanosPerTick).ToString(CultureInfo.InvariantCulture);

    private static void Put(Utf8JsonWriter writer, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Begin(writer, name);
            writer.WriteString("stringValue", value);
            End(writer);
        }
    }

    private static void Put(Utf8JsonWriter writer, string name, long value)
    {
        Begin(writer, name);
        writer.WriteString("intValue", value.ToString(CultureInfo.InvariantCulture));
        End(writer);
    }

    private static void Put(Utf8JsonWriter writer, string name, double value)
    {
        Begin(writer, name);
        writer.WriteNumber("doubleValue", value);
        End(writer);
    }

    private static void Put(Utf8JsonWriter writer, string name, bool isTrue)
    {
        Begin(writer, name);
        writer.WriteBoolean("boolValue", isTrue);
        End(writer);
    }

    private static void Begin(Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("key", name);
        writer.WriteStartObject("value");
    }

    private static void End(Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
