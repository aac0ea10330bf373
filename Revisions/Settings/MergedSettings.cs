using System.Buffers;
using System.Text.Json;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Settings;

/// <summary>
/// The values of several settings as one tree. Of two settings that give the same key the more special one wins; objects are merged key by key, everything else, lists
/// too, is replaced whole. Keys are the same whatever their case, and are spelled as the more special setting spells them.
/// </summary>
public sealed class MergedSettings
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Branch _root = new();

    /// <summary>Merges, the most general first.</summary>
    public MergedSettings(IEnumerable<SettingResource> sources)
    {
        Sources = [.. sources];
        foreach (var source in Sources)
        {
            _root.Add(source, source.Values);
        }

        Values = Write();
    }

    /// <summary>What was merged, the most general first.</summary>
    public IReadOnlyList<SettingResource> Sources { get; }

    /// <summary>The merged values: an object, keys in ordinal order without case.</summary>
    public JsonElement Values { get; }

    /// <summary>Each value with its whole key, by the setting that gave it.</summary>
    public ILookup<SettingResource, FlatValue> BySource() => _root.Flatten("").ToLookup(v => v.Source, v => v.Value);

    private JsonElement Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            _root.Write(writer);
        }

        return JsonSerializer.Deserialize<JsonElement>(buffer.WrittenSpan);
    }

    // A key holds either a branch or a value with the setting that gave it.
    private sealed class Branch
    {
        private readonly SortedDictionary<string, (Branch? Inner, SettingResource Source, JsonElement Value)> _keys = new(StringComparer.OrdinalIgnoreCase);

        public void Add(SettingResource source, JsonElement values)
        {
            foreach (var property in values.EnumerateObject())
            {
                Branch? inner = null;
                if (property.Value.ValueKind is JsonValueKind.Object)
                {
                    inner = _keys.GetValueOrDefault(property.Name).Inner ?? new Branch();
                    inner.Add(source, property.Value);
                }

                // Removed first, since a dictionary keeps the spelling that it has.
                _keys.Remove(property.Name);
                _keys.Add(property.Name, (inner, source, property.Value));
            }
        }

        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            foreach (var (key, (inner, _, value)) in _keys)
            {
                writer.WritePropertyName(key);
                if (inner is null)
                {
                    value.WriteTo(writer);
                }
                else
                {
                    inner.Write(writer);
                }
            }

            writer.WriteEndObject();
        }

        public IEnumerable<(SettingResource Source, FlatValue Value)> Flatten(string prefix)
        {
            foreach (var (key, (inner, source, value)) in _keys)
            {
                var path = FlatKeys.Inside(prefix, key, KeyStyle.Dotted);
                foreach (var flat in inner?.Flatten(path) ?? FlatKeys.Of(value, KeyStyle.Dotted, path).Select(v => (source, v)))
                {
                    yield return flat;
                }
            }
        }
    }
}
