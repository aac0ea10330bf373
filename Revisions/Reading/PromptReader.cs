using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Revisions.Prompts;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Prompt</c>: with one version the fields of it stand in the resource itself, with several in <c>versions</c>.</summary>
internal static partial class PromptReader
{
    private const int MostVersions = 100;
    private const int MostMessages = 50;

    public static Resource Read(string name, Fields fields)
    {
        ImmutableArray<PromptVersion> versions = fields.Has("versions") ? fields.Objects("versions", required: true, ReadVersion) : [ReadVersion(fields)];
        if (versions.Length > MostVersions)
        {
            fields.Wrong("versions", string.Create(CultureInfo.InvariantCulture, $"has {versions.Length} entries, at most {MostVersions} are taken"));
        }

        foreach (var twice in versions.GroupBy(v => v.Number).Where(g => g.Count() > 1))
        {
            fields.Wrong("versions", string.Create(CultureInfo.InvariantCulture, $"has version {twice.Key} twice"));
        }

        return new PromptResource(name, versions, ReadSplit(fields, versions)) { PublishPath = ReadPath(fields) };
    }

    private static string? ReadPath(Fields fields)
    {
        if (fields.Object("publish") is not { } inner)
        {
            return null;
        }

        var path = inner.Text("path");
        if (path.Length > 0 && (!PlainPath().IsMatch(path) || path.StartsWith("/v1", StringComparison.Ordinal)))
        {
            inner.Wrong("path", $"must be a path of plain segments such as /prompts/summary, not below /v1; is '{path}'");
        }

        inner.Close();
        return path;
    }

    private static ImmutableArray<PromptShare> ReadSplit(Fields fields, ImmutableArray<PromptVersion> versions)
    {
        if (fields.Has("live") && fields.Has("split"))
        {
            fields.Wrong("live", "stands beside split; exactly one of the two says which versions answer");
        }

        if (fields.Has("split"))
        {
            var split = fields.Objects("split", required: true, part => new PromptShare((int)part.Number("version", 1, 1_000_000, null), (int)part.Number("weight", 0, 1_000_000, 1)));
            for (var i = 0; i < split.Length; i++)
            {
                Check(fields, versions, split[i].Version, string.Create(CultureInfo.InvariantCulture, $"split[{i}].version"));
            }

            if (split.Length > 0 && split.All(s => s.Weight == 0))
            {
                fields.Wrong("split", "has no weight above 0; at least one version must answer");
            }

            if (split.DistinctBy(s => s.Version).Count() < split.Length)
            {
                fields.Wrong("split", "names a version twice; give it one weight");
            }

            return split;
        }

        // Where there is but one version it is the live one.
        var live = (int)fields.Number("live", 1, 1_000_000, versions.Length == 1 ? versions[0].Number : null);
        Check(fields, versions, live, "live");
        return [new PromptShare(live, 1)];
    }

    private static void Check(Fields fields, ImmutableArray<PromptVersion> versions, int number, string field)
    {
        if (versions.All(v => v.Number != number))
        {
            fields.Wrong(field, string.Create(CultureInfo.InvariantCulture, $"there is no version {number}; there are {string.Join(", ", versions.Select(v => v.Number))}"));
        }
    }

    private static PromptVersion ReadVersion(Fields fields)
    {
        var number = (int)fields.Number("version", 1, 1_000_000, null);
        var model = fields.Text("model");
        var messages = fields.Objects("messages", required: true, ReadMessage);
        if (messages.Length > MostMessages)
        {
            fields.Wrong("messages", string.Create(CultureInfo.InvariantCulture, $"has {messages.Length} entries, at most {MostMessages} are taken"));
        }

        var schema = default(VariableSchema);
        if (fields.Has("variables") && fields.Any("variables", "a JSON schema", JsonValueKind.Object) is { } written)
        {
            schema = VariableSchema.Parse(written, out var wrong);
            if (schema is null)
            {
                fields.Wrong("variables", wrong);
            }
        }

        return new PromptVersion(number, model, messages, schema, ReadParameters(fields));
    }

    private static PromptMessage ReadMessage(Fields fields)
    {
        var role = fields.OneOf<PromptRole>("role", fallback: null);
        var template = LiquidTemplates.Parse(fields.Text("content"), out var wrong);
        if (template is null)
        {
            fields.Wrong("content", wrong);
        }

        return new PromptMessage(role, template!);
    }

    private static PromptParameters ReadParameters(Fields fields)
    {
        if (fields.Object("parameters") is not { } inner)
        {
            return new PromptParameters(null, null, null, null);
        }

        var parameters = new PromptParameters(
            inner.Decimal("temperature", 0, 2),
            inner.Decimal("topP", 0, 1),
            inner.Has("maxTokens") ? (int)inner.Number("maxTokens", 1, 10_000_000, null) : null,
            inner.Has("responseSchema") ? inner.Any("responseSchema", "a JSON schema", JsonValueKind.Object) : null);
        inner.Close();
        return parameters;
    }

    [GeneratedRegex(@"\A(/[A-Za-z0-9._~-]{1,100}){1,10}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainPath();
}
