using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Silo.FirstStart;

namespace Sluice.Cli.Hosting;

/// <summary>What a start prints: the addresses, and the keys where they are new.</summary>
internal static class StartReport
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One line for scripts.</summary>
    public static void WriteJson(TextWriter output, Uri? edge, Uri? admin, StartResult? start)
    {
        output.WriteLine(JsonSerializer.Serialize(new Line(Text(edge), Text(admin), start?.AdminKey, start?.TenantKey), Format));
        output.Flush();
    }

    /// <summary>Lines for people.</summary>
    public static void Write(TextWriter output, Uri? edge, Uri? admin, StartResult? start)
    {
        output.WriteLine(edge is null ? "The silo is up." : admin is null ? "The edge is up." : "Sluice is up.");
        WriteIf(output, "  edge        ", Text(edge));
        WriteIf(output, "  admin       ", Text(admin));
        foreach (var note in start?.Notes ?? [])
        {
            output.WriteLine($"  {note}");
        }

        if (start is { AdminKey: null })
        {
            output.WriteLine("The keys were printed at the first start; 'sluice keys create' makes others.");
        }
        else if (start is not null)
        {
            output.WriteLine();
            output.WriteLine("Keys of this new cluster, shown only this once:");
            output.WriteLine($"  admin key   {start.AdminKey}");
            WriteIf(output, "  tenant key  ", start.TenantKey);
            if (edge is not null && start.TenantKey is { } key)
            {
                output.WriteLine();
                output.WriteLine("Try it:");
                output.WriteLine(Curl(edge, key, stream: false));
                output.WriteLine();
                output.WriteLine("And as a stream:");
                output.WriteLine(Curl(edge, key, stream: true));
            }
        }

        output.WriteLine();
        output.WriteLine("Ctrl-C ends it.");
        output.Flush();
    }

    /// <summary>A line that works in a shell as it stands.</summary>
    private static string Curl(Uri edge, string key, bool stream) =>
        $"curl {(stream ? "-N " : "")}{Text(edge)}/v1/chat/completions -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' "
        + $"-d '{{\"model\":\"{FirstRevision.Sandbox}\",{(stream ? "\"stream\":true," : "")}\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'";

    private static void WriteIf(TextWriter output, string label, string? value)
    {
        if (value is not null)
        {
            output.WriteLine(label + value);
        }
    }

    private static string? Text(Uri? address) => address?.AbsoluteUri.TrimEnd('/');

    private sealed record Line(string? Edge, string? Admin, string? AdminKey, string? TenantKey);
}
