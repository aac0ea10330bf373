using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Revisions.Settings;

/// <summary>Forms in which settings are written into files.</summary>
public enum SettingsFormat
{
    /// <summary>The nested values.</summary>
    Json,

    /// <summary>Lines <c>NAME="value"</c>, as <c>sh</c>, systemd and <c>.env</c> readers take them.</summary>
    Env,

    /// <summary>Lines <c>a.b[0]=value</c>, as <c>java.util.Properties</c> reads them; ASCII.</summary>
    Properties,
}

/// <summary>Writes settings as files.</summary>
public static class SettingsFormats
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file's text; the same values give the same text.</summary>
    /// <exception cref="FormatException">The values cannot be told apart in this form; names the keys.</exception>
    public static string Write(JsonElement values, SettingsFormat format) => format switch
    {
        SettingsFormat.Env => Lines(FlatKeys.Of(values, KeyStyle.Environment), v => $"{v.Key}={Quote(v)}\n"),
        SettingsFormat.Properties => Lines(FlatKeys.Of(values, KeyStyle.Dotted), v => $"{EscapeKey(v.Key)}={EscapeValue(v.Text)}\n"),
        _ => JsonSerializer.Serialize(values, Indented) + "\n",
    };

    private static string Lines(IEnumerable<FlatValue> values, Func<FlatValue, string> line)
    {
        var text = new StringBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            if (!seen.Add(value.Key))
            {
                throw new FormatException($"two values would both be called {value.Key} in this format; rename one of them, or write json");
            }

            text.Append(line(value));
        }

        return text.ToString();
    }

    // Inside double quotes four characters are special to a shell; a line end stands for itself.
    private static string Quote(FlatValue value)
    {
        var text = value.Text;
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new FormatException($"{value.Key} holds a NUL, which no environment variable can");
        }

        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            quoted.Append(c is '"' or '\\' or '$' or '`' ? "\\" : "").Append(c);
        }

        return quoted.Append('"').ToString();
    }

    private static string EscapeKey(string key) => Escape(key, static c => c is ' ' or ':' or '=' or '#' or '!');

    private static string EscapeValue(string value)
    {
        var escaped = Escape(value, static _ => false);
        return escaped.StartsWith(' ') ? $"\\{escaped}" : escaped;
    }

    private static string Escape(string text, Func<char, bool> isSpecial)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                '\\' => escaped.Append("\\\\"),
                < ' ' or > '~' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(isSpecial(c) ? "\\" : "").Append(c),
            };
        }

        return escaped.ToString();
    }
}
