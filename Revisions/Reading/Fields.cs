using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Revisions.Reading;

/// <summary>
/// Reads the fields of one JSON object and notes all that is wrong, each with its path. A field that was noted as wrong reads as its fallback, so that
/// reading goes on; <see cref="Close"/> notes the fields that nobody asked for.
/// </summary>
public sealed partial class Fields
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly ImmutableArray<FieldError>.Builder _errors;
    private readonly List<string> _asked;
    private readonly SharedTexts _texts;

    /// <summary>Over an object of a resource that is read with others, or of a part of one.</summary>
    internal Fields(SharedTexts texts, JsonElement value, string path, ImmutableArray<FieldError>.Builder errors, params IEnumerable<string> alreadyRead)
    {
        (_texts, _object, _path, _errors, _asked) = (texts, value, path, errors, [.. alreadyRead]);
    }

    /// <summary>Over a JSON object; <paramref name="path"/> is where it stands, for example <c>Route/checkout: match</c>, or ends in <c>: </c> for the resource itself.</summary>
    public Fields(JsonElement value, string path, ImmutableArray<FieldError>.Builder errors, params IEnumerable<string> alreadyRead)
        : this(new SharedTexts(), value, path, errors, alreadyRead)
    {
    }

    /// <summary>Notes an error at a field.</summary>
    public void Wrong(string field, string message) => _errors.Add(new FieldError(At(field), message));

    /// <summary>The names of all fields, each once.</summary>
    public IEnumerable<string> AllNames => _object.EnumerateObject().Select(p => p.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string field) => Find(field, required: false, out _);

    /// <summary>A text that is not blank.</summary>
    public string Text(string field) => TextOrNull(field, required: true) ?? "";

    /// <summary>A text that is not blank, or null where the field is absent.</summary>
    public string? TextOrNull(string field, bool required = false)
    {
        if (!Find(field, required, out var value) || !Is(field, value, JsonValueKind.String))
        {
            return null;
        }

        var text = value.GetString()!;
        if (string.IsNullOrWhiteSpace(text))
        {
            Wrong(field, "is blank; leave the field out or give it a value");
            return null;
        }

        return _texts.Share(text);
    }

    /// <summary>A whole number in bounds.</summary>
    public long Number(string field, long least, long most, long? fallback)
    {
        if (!Find(field, required: fallback is null, out var value) || !Is(field, value, JsonValueKind.Number))
        {
            return fallback ?? least;
        }

        if (value.TryGetInt64(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}, is {value.GetRawText()}"));
        return fallback ?? least;
    }

    /// <summary>A number in bounds; null where it is absent or wrong.</summary>
    public double? Decimal(string field, double least, double most, bool required = false)
    {
        if (!Find(field, required, out var value) || !Is(field, value, JsonValueKind.Number))
        {
            return null;
        }

        if (value.TryGetDouble(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}, is {value.GetRawText()}"));
        return null;
    }

    /// <summary>True or false; null where it is absent or wrong.</summary>
    public bool? Flag(string field)
    {
        if (!Find(field, required: false, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Wrong(field, $"must be true or false, is {Describe(value.ValueKind)}");
        return null;
    }

    /// <summary>A time such as <c>5s</c>, <c>200ms</c> or <c>2m</c>, in bounds.</summary>
    public TimeSpan Time(string field, TimeSpan least, TimeSpan most, TimeSpan fallback)
    {
        if (TextOrNull(field) is not { } text)
        {
            return fallback;
        }

        if (Durations.TryParse(text, out var time) && time >= least && time <= most)
        {
            return time;
        }

        Wrong(field, $"must be a time from {Durations.Format(least)} to {Durations.Format(most)}, written as 200ms, 5s, 2m or 1h; is '{text}'");
        return fallback;
    }

    /// <summary>One of the values of an enumeration, written in camel case.</summary>
    public T OneOf<T>(string field, T? fallback)
        where T : struct, Enum
    {
        if (TextOrNull(field, required: fallback is null) is not { } text)
        {
            return fallback ?? default;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(Spell(value), text, StringComparison.Ordinal))
            {
                return value;
            }
        }

        var known = Enum.GetValues<T>().Select(Spell).ToArray();
        Wrong(field, $"must be one of {string.Join(", ", known)}; is '{text}'{Names.Suggest(text, known)}");
        return fallback ?? default;
    }

    /// <summary>An absolute http or https address without query, fragment or user.</summary>
    public Uri? Address(string field, bool required) => TextOrNull(field, required) is { } text ? ReadAddress(field, text) : null;

    /// <summary>An object's fields, or null where it is absent.</summary>
    public Fields? Object(string field, bool required = false) =>
        Find(field, required, out var value) && Is(field, value, JsonValueKind.Object) ? new Fields(_texts, value, At(field), _errors) : null;

    /// <summary>A value of one of some JSON types, detached from its document; null where it is not.</summary>
    /// <param name="expected">The types, for people: <c>a text or a number</c>.</param>
    public JsonElement? Any(string field, string expected, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (!Find(field, required: true, out var value))
        {
            return null;
        }

        if (kinds.Contains(value.ValueKind))
        {
            return value.Clone();
        }

        Wrong(field, $"must be {expected}, is {Describe(value.ValueKind)}");
        return null;
    }

    /// <summary>Notes every field that nobody asked for, and every field that stands twice.</summary>
    public void Close()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in _object.EnumerateObject())
        {
            if (!seen.Add(property.Name))
            {
                Wrong(property.Name, "stands here twice");
            }
            else if (!_asked.Contains(property.Name, StringComparer.Ordinal))
            {
                var near = Names.Nearest(property.Name, _asked) is { } name ? $"; did you mean '{name}'?" : ".";
                Wrong(property.Name, $"unknown field '{property.Name}'{near} Known here: {string.Join(", ", _asked)}");
            }
        }
    }

    /// <summary>A value of an enumeration as it is written.</summary>
    internal static string Spell<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    /// <summary>An address as text, at a field.</summary>
    internal Uri? ReadAddress(string field, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            Wrong(field, $"must be an address such as http://10.0.0.2:8080, is '{text}'");
            return null;
        }

        if (address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            Wrong(field, "must have no query, fragment or user; credentials are declared as such");
            return null;
        }

        return address;
    }

    private bool Find(string field, bool required, out JsonElement value)
    {
        if (!_asked.Contains(field, StringComparer.Ordinal))
        {
            _asked.Add(field);
        }

        if (_object.TryGetProperty(field, out value) && value.ValueKind is not JsonValueKind.Null)
        {
            return true;
        }

        if (required || value.ValueKind is JsonValueKind.Null)
        {
            Wrong(field, value.ValueKind is JsonValueKind.Null ? "is null; leave the field out or give it a value" : "is missing");
        }

        return false;
    }

    private bool Is(string field, JsonElement value, JsonValueKind expected)
    {
        if (value.ValueKind == expected)
        {
            return true;
        }

        Wrong(field, $"must be {Describe(expected)}, is {Describe(value.ValueKind)}");
        return false;
    }

    private string At(string field) => _path.EndsWith(": ", StringComparison.Ordinal) ? _path + field : $"{_path}.{field}";
}
