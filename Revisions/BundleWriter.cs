using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Revisions.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sluice.Revisions;

/// <summary>Writes resources as a YAML bundle that <see cref="Bundle.Parse"/> reads back as the same resources.</summary>
public static partial class BundleWriter
{
    /// <summary>Writes one document for each resource, separated by <c>---</c>.</summary>
    public static void WriteYaml(TextWriter output, IEnumerable<JsonElement> resources)
    {
        var separator = "";
        foreach (var resource in resources)
        {
            output.Write(separator);
            WriteDocument(output, resource);
            separator = "---\n";
        }
    }

    private static void WriteDocument(TextWriter output, JsonElement resource)
    {
        // Lines are not folded: what is one value stays one line.
        var emitter = new Emitter(output, new EmitterSettings().WithBestWidth(int.MaxValue).WithNewLine("\n").WithIndentedSequences());
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(version: null, tags: null, isImplicit: true));
        emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));

        // The canonical form orders fields by the alphabet; people look for kind and name first.
        foreach (var field in resource.EnumerateObject().OrderBy(f => f.Name switch { "kind" => 0, "name" => 1, _ => 2 }))
        {
            WriteText(emitter, field.Name);
            Write(emitter, field.Value, flow: false);
        }

        emitter.Emit(new MappingEnd());
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    // Lists of plain values and short mappings in lists stand on one line, as people write them.
    private static void Write(Emitter emitter, JsonElement value, bool flow)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, flow ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var field in value.EnumerateObject())
                {
                    WriteText(emitter, field.Name);
                    Write(emitter, field.Value, flow);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                var plain = flow || value.EnumerateArray().All(i => i.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, plain ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in value.EnumerateArray())
                {
                    Write(emitter, item, plain || IsFlat(item));
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                WriteText(emitter, value.GetString()!);
                break;
            default:
                Emit(emitter, value.GetRawText(), ScalarStyle.Plain);
                break;
        }
    }

    private static bool IsFlat(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object && value.EnumerateObject().All(f => f.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array));

    // Only what every reader of YAML takes for text stands plain: readers of YAML 1.1 know more booleans.
    private static void WriteText(Emitter emitter, string text) =>
        Emit(emitter, text, Plain().IsMatch(text) && YamlToJson.IsText(text) && !OldBoolean().IsMatch(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted);

    private static void Emit(Emitter emitter, string text, ScalarStyle style) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));

    [GeneratedRegex(@"\A[A-Za-z0-9/_][A-Za-z0-9/_.@-]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();

    [GeneratedRegex(@"\A(y|n|yes|no|on|off)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex OldBoolean();
}
