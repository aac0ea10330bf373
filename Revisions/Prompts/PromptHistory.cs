using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Prompts;

/// <summary>Versions of prompts never change: what calls were recorded under a number stays what was asked.</summary>
public static class PromptHistory
{
    private static readonly string[] Fixed = ["messages", "model", "parameters", "variables"];

    /// <summary>All versions that a change would make other than they were, each by its field.</summary>
    /// <param name="before">Ordered.</param>
    /// <param name="after">Ordered.</param>
    public static ImmutableArray<FieldError> Check(ImmutableArray<ResourceBody> before, ImmutableArray<ResourceBody> after)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        var (first, last) = RevisionCompiler.Shared(before, after);
        foreach (var now in after[first..^last].Where(r => r.Kind is PromptResource.KindName))
        {
            if (RevisionCompiler.Find(before, new ResourceKey(now.Kind, now.Name)) is { } old && !string.Equals(old.Hash, now.Hash, StringComparison.Ordinal))
            {
                Compare(old, now, errors);
            }
        }

        return errors.ToImmutable();
    }

    private static void Compare(ResourceBody old, ResourceBody now, ImmutableArray<FieldError>.Builder errors)
    {
        using var before = JsonDocument.Parse(old.Json);
        using var after = JsonDocument.Parse(now.Json);
        var known = Versions(before.RootElement).ToDictionary(v => v.Number, v => v.Fields);
        foreach (var (number, path, fields) in Versions(after.RootElement))
        {
            if (known.TryGetValue(number, out var was))
            {
                errors.AddRange(Fixed.Where(f => !Same(was, fields, f)).Select(f => new FieldError(
                    $"{now.Kind}/{now.Name}: {path}{f}",
                    string.Create(CultureInfo.InvariantCulture, $"differs from what version {number} was published with; versions never change: give it a new number"))));
            }
        }
    }

    private static IEnumerable<(int Number, string Path, JsonElement Fields)> Versions(JsonElement prompt) => prompt.TryGetProperty("versions", out var list)
        ? list.EnumerateArray().Select((v, i) => (v.GetProperty("version").GetInt32(), string.Create(CultureInfo.InvariantCulture, $"versions[{i}]."), v))
        : [(prompt.GetProperty("version").GetInt32(), "", prompt)];

    private static bool Same(JsonElement before, JsonElement after, string field)
    {
        var (had, has) = (before.TryGetProperty(field, out var was), after.TryGetProperty(field, out var now));
        return had == has && (!had || JsonElement.DeepEquals(was, now));
    }
}
