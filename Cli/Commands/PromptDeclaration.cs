using System.Globalization;
using System.Text.Json;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>A declared prompt as people ask for it.</summary>
/// <param name="Split">The versions that answer who names none, and their weights.</param>
/// <param name="Path">Where it is published as an API of its own; null: at <c>/v1/prompts/NAME</c> alone.</param>
internal sealed record PromptDeclaration(string Name, IReadOnlyList<PromptVersionDeclaration> Versions, IReadOnlyList<PromptWeight> Split, string? Path)
{
    /// <summary>Reads it as it is declared: with one version its fields stand in the resource itself.</summary>
    public static PromptDeclaration Of(ResourceItem item)
    {
        var resource = item.Resource;
        PromptVersionDeclaration[] versions = resource.TryGetProperty("versions", out var several)
            ? [.. several.EnumerateArray().Select(PromptVersionDeclaration.Of)]
            : [PromptVersionDeclaration.Of(resource)];
        PromptWeight[] split = resource.TryGetProperty("split", out var parts)
            ? [.. parts.EnumerateArray().Select(part => new PromptWeight(part.GetProperty("version").GetInt32(), part.TryGetProperty("weight", out var weight) ? weight.GetInt32() : 1))]
            : [new PromptWeight(resource.TryGetProperty("live", out var live) ? live.GetInt32() : versions[0].Version, 1)];
        return new PromptDeclaration(
            item.Name, [.. versions.OrderBy(version => version.Version)], split, resource.TryGetProperty("publish", out var publish) ? publish.GetProperty("path").GetString() : null);
    }

    /// <summary>The part of the calls that a version answers, such as <c>90 %</c>.</summary>
    public string ShareOf(int version)
    {
        var all = Split.Sum(part => (long)part.Weight);
        var its = Split.Where(part => part.Version == version).Sum(part => (long)part.Weight);
        return string.Create(CultureInfo.InvariantCulture, $"{100m * its / all:0.##} %");
    }
}

/// <summary>A version's weight.</summary>
internal sealed record PromptWeight(int Version, int Weight);

/// <summary>A version as it is declared.</summary>
/// <param name="Variables">A JSON schema; null: none are taken.</param>
/// <param name="Parameters">Null: the provider's own.</param>
internal sealed record PromptVersionDeclaration(int Version, string Model, JsonElement? Variables, JsonElement? Parameters, IReadOnlyList<PromptText> Messages)
{
    public static PromptVersionDeclaration Of(JsonElement fields) => new(
        fields.GetProperty("version").GetInt32(),
        fields.GetProperty("model").GetString()!,
        fields.TryGetProperty("variables", out var variables) ? variables : null,
        fields.TryGetProperty("parameters", out var parameters) ? parameters : null,
        [.. fields.GetProperty("messages").EnumerateArray().Select(message => new PromptText(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))]);

    /// <summary>Its lines for people.</summary>
    public IEnumerable<string> Lines(PromptDeclaration prompt)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{prompt.Name}@{Version}: {prompt.ShareOf(Version)} of the calls, model {Model}");
        if (Parameters is { } asked)
        {
            yield return $"parameters: {asked.GetRawText()}";
        }

        yield return Variables is { } schema ? $"variables: {schema.GetRawText()}" : "variables: none";
        foreach (var message in Messages)
        {
            yield return "";
            yield return $"{message.Role}:";
            yield return message.Content.TrimEnd('\n');
        }
    }
}

/// <summary>A message's template.</summary>
internal sealed record PromptText(string Role, string Content);
