using System.Text.Json;

namespace Sluice.Configuration;

/// <summary>An application's settings at one revision.</summary>
/// <param name="Scope">Whose they are: <c>app</c>, or <c>app/profile,profile</c>.</param>
/// <param name="Id">The event's id, to resume after; null where it came by no event.</param>
/// <param name="Revision">The active revision when it was read.</param>
/// <param name="Values">An object.</param>
/// <param name="Flags">An object: each flag by its name, <c>{"value", "reason"}</c>.</param>
/// <param name="Utf8">As it was sent.</param>
public sealed record SettingsSnapshot(string Scope, string? Id, long Revision, JsonElement Values, JsonElement Flags, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Reads what the admin API sends.</summary>
    /// <exception cref="SettingsUnavailableException">It is something else.</exception>
    public static SettingsSnapshot Parse(ReadOnlyMemory<byte> utf8, string? id)
    {
        try
        {
            var answer = JsonSerializer.Deserialize<JsonElement>(utf8.Span);
            if (answer.ValueKind is JsonValueKind.Object
                && answer.TryGetProperty("app", out var app) && app.GetString() is { } name
                && answer.TryGetProperty("profiles", out var profiles) && profiles.ValueKind is JsonValueKind.Array
                && answer.TryGetProperty("revision", out var revision) && revision.TryGetInt64(out var number)
                && answer.TryGetProperty("values", out var values) && values.ValueKind is JsonValueKind.Object
                && answer.TryGetProperty("flags", out var flags) && flags.ValueKind is JsonValueKind.Object)
            {
                return new SettingsSnapshot(ScopeOf(name, [.. profiles.EnumerateArray().Select(p => p.GetString()!)]), id, number, values, flags, utf8);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SettingsUnavailableException("What was sent is not an application's settings.", e);
        }

        throw new SettingsUnavailableException("What was sent is not an application's settings.");
    }

    /// <summary>How the settings of an application in some profiles are called.</summary>
    internal static string ScopeOf(string app, IReadOnlyList<string> profiles) => profiles.Count > 0 ? $"{app}/{string.Join(',', profiles)}" : app;

    /// <summary>As a configuration holds it: keys joined by <c>:</c>, items of lists by their index.</summary>
    internal Dictionary<string, string?> Flatten(string? flagsSection)
    {
        var keys = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Add(keys, "", Values);
        if (flagsSection is not null)
        {
            foreach (var flag in Flags.EnumerateObject())
            {
                Add(keys, $"{flagsSection}:{flag.Name}", flag.Value.GetProperty("value"));
            }
        }

        return keys;
    }

    private static void Add(Dictionary<string, string?> keys, string prefix, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Add(keys, prefix.Length > 0 ? $"{prefix}:{property.Name}" : property.Name, property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i)))
                {
                    Add(keys, FormattableString.Invariant($"{prefix}:{i}"), item);
                }

                break;
            default:
                // As the provider of JSON files writes them: True and False, numbers as they stand.
                keys[prefix] = value.ToString();
                break;
        }
    }
}
