using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Reading;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sluice.Revisions;

/// <summary>A bundle as it is written: YAML documents separated by <c>---</c>, or a JSON array or object.</summary>
public static class Bundle
{
    /// <summary>The most characters that a bundle may have.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>Splits a bundle into resources as JSON objects, not yet checked beyond their being objects. Scalars keep YAML 1.2 core types.</summary>
    public static BundleResult Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            return Failed("", string.Create(CultureInfo.InvariantCulture, $"is longer than {MaxLength} characters"));
        }

        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty || start[0] is not ('[' or '{'))
        {
            return ParseYaml(text);
        }

        // YAML's flow style begins as JSON does: what is not JSON may still be that.
        var json = ParseJson(text);
        return json.Errors.IsEmpty || ParseYaml(text) is not { Errors.IsEmpty: true } yaml ? json : yaml;
    }

    private static BundleResult ParseJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 65 });
            var root = document.RootElement;
            var resources = ImmutableArray.CreateBuilder<byte[]>();
            var errors = ImmutableArray.CreateBuilder<FieldError>();
            foreach (var (item, i) in (root.ValueKind is JsonValueKind.Array ? root.EnumerateArray().ToArray() : [root]).Select((item, i) => (item, i)))
            {
                if (item.ValueKind is JsonValueKind.Object)
                {
                    resources.Add(Encoding.UTF8.GetBytes(item.GetRawText()));
                }
                else
                {
                    errors.Add(new FieldError(string.Create(CultureInfo.InvariantCulture, $"[{i}]"), "must be an object with kind and name"));
                }
            }

            return new BundleResult(resources.ToImmutable(), errors.ToImmutable());
        }
        catch (JsonException e)
        {
            return Failed(Position(e.LineNumber + 1, e.BytePositionInLine + 1), "is not JSON here, or is nested deeper than 64");
        }
    }

    private static BundleResult ParseYaml(string text)
    {
        var resources = ImmutableArray.CreateBuilder<byte[]>();
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            foreach (var root in stream.Documents.Select(d => d.RootNode))
            {
                if (root is YamlMappingNode)
                {
                    resources.Add(new YamlToJson().Write(root));
                }
                else if (root is not YamlScalarNode { Value: null or "" })
                {
                    errors.Add(new FieldError(Position(root.Start.Line, root.Start.Column), "each document must be a mapping with kind and name"));
                }
            }
        }
        catch (YamlException e)
        {
            return Failed(Position(e.Start.Line, e.Start.Column), $"is not YAML: {e.Message}");
        }

        return new BundleResult(resources.ToImmutable(), errors.ToImmutable());
    }

    private static string Position(long? line, long? column) => string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column}");

    private static BundleResult Failed(string path, string message) => new([], [new FieldError(path, message)]);
}

/// <summary>The resources of a bundle, or where it cannot be read (with line and column).</summary>
public sealed record BundleResult(ImmutableArray<byte[]> Resources, ImmutableArray<FieldError> Errors);
