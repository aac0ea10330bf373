using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Settings;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Setting</c>.</summary>
internal static class SettingReader
{
    private const int MostBytes = 256 * 1024;
    private const int MostValues = 5_000;
    private const int MostDepth = 16;
    private const int LongestKey = 128;

    public static Resource Read(string name, Fields fields)
    {
        var app = AppReader.Read(fields, "app");
        var profile = AppReader.Read(fields, "profile");
        JsonElement values = default;
        if (fields.Any("values", "an object", JsonValueKind.Object) is { } written)
        {
            values = written;
            Check(fields, written);
        }

        return new SettingResource(name, app, profile, values);
    }

    private static void Check(Fields fields, JsonElement values)
    {
        if (Encoding.UTF8.GetByteCount(values.GetRawText()) is var bytes and > MostBytes)
        {
            fields.Wrong("values", string.Create(CultureInfo.InvariantCulture, $"has {bytes} bytes, at most {MostBytes} are taken; several profiles or applications have resources of their own"));
            return;
        }

        var left = MostValues;
        Check(fields, "values", values, 1, ref left);
        if (left < 0)
        {
            fields.Wrong("values", string.Create(CultureInfo.InvariantCulture, $"has more than {MostValues} values"));
        }
    }

    private static void Check(Fields fields, string path, JsonElement value, int depth, ref int left)
    {
        if (depth > MostDepth)
        {
            fields.Wrong(path, string.Create(CultureInfo.InvariantCulture, $"is nested deeper than {MostDepth}"));
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(fields, path, value, depth, ref left);
                break;
            case JsonValueKind.Array:
                left--;
                var i = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Check(fields, string.Create(CultureInfo.InvariantCulture, $"{path}[{i++}]"), item, depth + 1, ref left);
                }

                break;
            case JsonValueKind.Null:
                fields.Wrong(path, "is null; leave the key out or give it a value");
                break;
            default:
                left--;
                break;
        }
    }

    private static void CheckObject(Fields fields, string path, JsonElement value, int depth, ref int left)
    {
        // Readers of .NET do not tell cases apart, and one of two such keys would be lost.
        var keys = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in value.EnumerateObject())
        {
            var key = property.Name;
            var at = $"{path}.{key}";
            if (string.IsNullOrWhiteSpace(key) || key.Length > LongestKey || key.Any(c => char.IsControl(c) || c is ':' or '[' or ']'))
            {
                fields.Wrong(at, string.Create(CultureInfo.InvariantCulture, $"a key is 1 to {LongestKey} characters without ':', '[', ']' and control characters; what is inside another is written as a nested object or list"));
            }
            else if (!keys.TryAdd(key, key))
            {
                fields.Wrong(at, string.Equals(keys[key], key, StringComparison.Ordinal) ? "stands here twice" : $"differs from '{keys[key]}' by case only");
            }
            else
            {
                Check(fields, at, property.Value, depth + 1, ref left);
            }
        }

        if (!value.EnumerateObject().Any())
        {
            fields.Wrong(path, "is an empty object, which has no effect; leave it out");
        }
    }
}

/// <summary>Reads <c>Flag</c>.</summary>
internal static class FlagReader
{
    private const int MostRules = 20;
    private const int MostSubjects = 1_000;
    private const int LongestText = 1_024;

    public static Resource Read(string name, Fields fields)
    {
        var app = AppReader.Read(fields, "app");
        var fallback = ReadValue(fields, "default", null);
        var rules = fields.Objects("rules", required: false, rule => ReadRule(rule, fallback));
        if (rules.Length > MostRules)
        {
            fields.Wrong("rules", string.Create(CultureInfo.InvariantCulture, $"has {rules.Length} entries, at most {MostRules} are taken"));
        }

        if (rules.Sum(r => (long)(r.Share ?? 0)) is var sum and > FlagShares.All)
        {
            fields.Wrong("rules", string.Create(CultureInfo.InvariantCulture, $"the shares make {sum} together, of {FlagShares.All} that there are"));
        }

        return new FlagResource(name, app, fallback, rules);
    }

    private static FlagRule ReadRule(Fields fields, JsonElement fallback)
    {
        var (bySubjects, byShare) = (fields.Has("subjects"), fields.Has("share"));
        ImmutableArray<string> subjects = bySubjects ? fields.Texts("subjects", required: true) : [];
        int? share = byShare ? (int)fields.Number("share", 1, FlagShares.All, fallback: null) : null;
        if (bySubjects == byShare)
        {
            fields.Wrong("subjects", "exactly one of subjects and share must be there");
        }

        if (subjects.Length > MostSubjects || subjects.Any(s => s.Length > FlagShares.LongestSubject))
        {
            fields.Wrong("subjects", string.Create(CultureInfo.InvariantCulture, $"must be at most {MostSubjects} subjects of at most {FlagShares.LongestSubject} characters"));
        }

        return new FlagRule(subjects, share, ReadValue(fields, "value", fallback));
    }

    // All values of a flag are of one type, so that services can read it without looking.
    private static JsonElement ReadValue(Fields fields, string field, JsonElement? like)
    {
        if (fields.Any(field, "a text, a number, true or false", JsonValueKind.String, JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False) is not { } value)
        {
            return default;
        }

        if (value.ValueKind is JsonValueKind.String && value.GetString()!.Length > LongestText)
        {
            fields.Wrong(field, string.Create(CultureInfo.InvariantCulture, $"is longer than {LongestText} characters"));
        }

        if (like is { ValueKind: not JsonValueKind.Undefined } other && Type(value.ValueKind) != Type(other.ValueKind))
        {
            fields.Wrong(field, $"must be of the default's type ({other.GetRawText()}), is {value.GetRawText()}");
        }

        return value;

        static JsonValueKind Type(JsonValueKind kind) => kind is JsonValueKind.False ? JsonValueKind.True : kind;
    }
}

/// <summary>Reads the names of applications and profiles.</summary>
internal static class AppReader
{
    public static string? Read(Fields fields, string field)
    {
        if (fields.TextOrNull(field) is not { } name)
        {
            return null;
        }

        if (!Names.IsApp(name))
        {
            fields.Wrong(field, $"must be {Names.AppRule}; is '{name}'");
        }
        else if (string.Equals(name, Names.SharedApp, StringComparison.OrdinalIgnoreCase) && string.Equals(field, "app", StringComparison.Ordinal))
        {
            fields.Wrong(field, $"'{name}' is how clients of Spring Cloud Config call what all share; leave app out for that");
        }

        return name;
    }
}
