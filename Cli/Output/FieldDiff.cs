using System.Text.Json;

namespace Sluice.Cli.Output;

/// <summary>One field that differs.</summary>
/// <param name="Sign"><c>+</c> added, <c>-</c> removed, <c>~</c> changed.</param>
/// <param name="Path">For example <c>split[0].weight</c>.</param>
/// <param name="Before">As compact JSON; null where it was added.</param>
/// <param name="After">As compact JSON; null where it was removed.</param>
internal sealed record FieldChange(char Sign, string Path, string? Before, string? After)
{
    /// <summary>As it is printed.</summary>
    public override string ToString() => $"{Sign} {Path}: {(Before is null ? After : After is null ? Before : $"{Before} → {After}")}";
}

/// <summary>How two resources differ, field by field. Items of lists are matched by what they say, so that one put in between does not change all after it. Pure.</summary>
internal static class FieldDiff
{
    // What is longer stands on a line for each of its fields.
    private const int LongestOnOneLine = 100;

    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    /// <summary>The fields that differ, in the order of the resource; null stands for a resource that is not there.</summary>
    public static List<FieldChange> Compare(JsonElement? before, JsonElement? after)
    {
        var changes = new List<FieldChange>();
        Objects("", before ?? Nothing, after ?? Nothing, changes);

        // The line above names the resource.
        changes.RemoveAll(c => (before is null || after is null) && c.Path is "kind" or "name");
        return changes;
    }

    private static void Objects(string path, JsonElement before, JsonElement after, List<FieldChange> changes)
    {
        foreach (var field in before.EnumerateObject())
        {
            var at = path.Length > 0 ? $"{path}.{field.Name}" : field.Name;
            if (after.TryGetProperty(field.Name, out var now))
            {
                Values(at, field.Value, now, changes);
            }
            else
            {
                One('-', at, field.Value, changes);
            }
        }

        foreach (var field in after.EnumerateObject().Where(f => !before.TryGetProperty(f.Name, out _)))
        {
            One('+', path.Length > 0 ? $"{path}.{field.Name}" : field.Name, field.Value, changes);
        }
    }

    private static void Values(string path, JsonElement before, JsonElement after, List<FieldChange> changes)
    {
        switch (before.ValueKind, after.ValueKind)
        {
            case (JsonValueKind.Object, JsonValueKind.Object):
                Objects(path, before, after, changes);
                break;
            case (JsonValueKind.Array, JsonValueKind.Array):
                Lists(path, before, after, changes);
                break;
            default:
                if (!JsonElement.DeepEquals(before, after))
                {
                    changes.Add(new FieldChange('~', path, Text(before), Text(after)));
                }

                break;
        }
    }

    private static void Lists(string path, JsonElement before, JsonElement after, List<FieldChange> changes)
    {
        var (old, now) = (before.EnumerateArray().ToArray(), after.EnumerateArray().ToArray());
        var (o, n) = (0, 0);
        var lines = LineDiff.Compare([.. old.Select(Text)], [.. now.Select(Text)]);
        for (var i = 0; i < lines.Count;)
        {
            if (lines[i].Sign is ' ')
            {
                (o, n, i) = (o + 1, n + 1, i + 1);
                continue;
            }

            // What went and what came at one place: as far as both last, one became the other.
            var (gone, come) = (0, 0);
            for (; i < lines.Count && lines[i].Sign is not ' '; i++)
            {
                _ = lines[i].Sign is '-' ? gone++ : come++;
            }

            for (var k = 0; k < Math.Max(gone, come); k++)
            {
                if (k >= come)
                {
                    One('-', Index(path, o + k), old[o + k], changes);
                }
                else if (k >= gone)
                {
                    One('+', Index(path, n + k), now[n + k], changes);
                }
                else
                {
                    Values(Index(path, n + k), old[o + k], now[n + k], changes);
                }
            }

            (o, n) = (o + gone, n + come);
        }
    }

    private static void One(char sign, string path, JsonElement value, List<FieldChange> changes)
    {
        var text = Text(value);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when text.Length > LongestOnOneLine:
                foreach (var field in value.EnumerateObject())
                {
                    One(sign, $"{path}.{field.Name}", field.Value, changes);
                }

                break;
            case JsonValueKind.Array when text.Length > LongestOnOneLine:
                foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i)))
                {
                    One(sign, Index(path, i), item, changes);
                }

                break;
            default:
                changes.Add(new FieldChange(sign, path, sign is '-' ? text : null, sign is '-' ? null : text));
                break;
        }
    }

    private static string Index(string path, int i) => FormattableString.Invariant($"{path}[{i}]");

    private static string Text(JsonElement value) => JsonSerializer.Serialize(value, Silo.Admin.AdminJson.Options);
}
