using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Revisions.Reading;

/// <summary>Fields that hold lists.</summary>
public sealed partial class Fields
{
    /// <summary>Texts of a list, none blank, none twice.</summary>
    public ImmutableArray<string> Texts(string field, bool required = false)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var (path, item) in Items(field, required))
        {
            if (!Is(path, item, JsonValueKind.String))
            {
                continue;
            }

            var text = item.GetString()!;
            if (string.IsNullOrWhiteSpace(text))
            {
                Wrong(path, "is blank");
            }
            else if (texts.Contains(text))
            {
                Wrong(path, $"'{text}' stands here twice");
            }
            else
            {
                texts.Add(text);
            }
        }

        return _texts.Share(texts.ToImmutable());
    }

    /// <summary>The values of an object's names, each a text or a list of texts; empty where it is absent. Names that differ in case alone stand there twice.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Values(string field)
    {
        var values = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.OrdinalIgnoreCase);
        if (!Find(field, required: false, out var found) || !Is(field, found, JsonValueKind.Object))
        {
            return values.ToImmutable();
        }

        foreach (var (name, value) in found.EnumerateObject().Select(p => (p.Name, p.Value)))
        {
            var items = value.ValueKind is JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
            if (items.Any(i => i.ValueKind is not JsonValueKind.String))
            {
                Wrong($"{field}.{name}", "must be a text or a list of texts");
            }
            else if (!values.TryAdd(name, [.. items.Select(i => i.GetString()!)]))
            {
                Wrong($"{field}.{name}", "stands here twice; give a list of its values");
            }
        }

        return values.ToImmutable();
    }

    /// <summary>The whole numbers in bounds of an object's names; empty where it is absent.</summary>
    public ImmutableDictionary<string, long> Numbers(string field, long least, long most)
    {
        var numbers = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        if (!Find(field, required: false, out var found) || !Is(field, found, JsonValueKind.Object))
        {
            return numbers.ToImmutable();
        }

        foreach (var (name, value) in found.EnumerateObject().Select(p => (p.Name, p.Value)))
        {
            if (value.ValueKind is not JsonValueKind.Number || !value.TryGetInt64(out var number) || number < least || number > most)
            {
                Wrong($"{field}.{name}", string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}, is {value.GetRawText()}"));
            }
            else if (!numbers.TryAdd(name, number))
            {
                Wrong($"{field}.{name}", "stands here twice");
            }
        }

        return numbers.ToImmutable();
    }

    /// <summary>Objects of a list, each read by <paramref name="read"/> and then closed.</summary>
    public ImmutableArray<T> Objects<T>(string field, bool required, Func<Fields, T> read)
    {
        var list = ImmutableArray.CreateBuilder<T>();
        foreach (var (path, item) in Items(field, required))
        {
            if (Is(path, item, JsonValueKind.Object))
            {
                var fields = new Fields(_texts, item, At(path), _errors);
                list.Add(read(fields));
                fields.Close();
            }
        }

        return list.ToImmutable();
    }

    /// <summary>Whole resources of a list, in canonical form; empty where it is absent.</summary>
    public ImmutableArray<ResourceBody> Resources(string field)
    {
        var resources = ImmutableArray.CreateBuilder<ResourceBody>();
        foreach (var (path, item) in Items(field, required: false))
        {
            var read = ResourceReader.Read(JsonSerializer.SerializeToUtf8Bytes(item));
            _errors.AddRange(read.Errors.Select(error => new FieldError($"{At(path)}: {error.Path}", error.Message)));
            if (read.Body is { } body)
            {
                resources.Add(body);
            }
        }

        return resources.ToImmutable();
    }

    private IEnumerable<(string Path, JsonElement Item)> Items(string field, bool required)
    {
        if (!Find(field, required, out var value) || !Is(field, value, JsonValueKind.Array))
        {
            yield break;
        }

        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"{field}[{i++}]"), item);
        }

        if (i == 0)
        {
            Wrong(field, required ? "must have at least one entry" : "is an empty list; leave the field out");
        }
    }
}
