using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Revisions.Reading;

/// <summary>Fields that hold lists whose entries are of several types.</summary>
public sealed partial class Fields
{
    /// <summary>The fields of an entry that is an object; to be closed.</summary>
    public Fields Entry(string path, JsonElement item) => new(item, At(path), _errors);

    /// <summary>The entries of a list, each with its path; those of other types than some are noted as wrong.</summary>
    /// <param name="expected">The types, for people: <c>a text or a number</c>.</param>
    public ImmutableArray<(string Path, JsonElement Item)> Entries(string field, bool required, string expected, params ReadOnlySpan<JsonValueKind> kinds)
    {
        var entries = ImmutableArray.CreateBuilder<(string, JsonElement)>();
        foreach (var (path, item) in Items(field, required))
        {
            if (kinds.Contains(item.ValueKind))
            {
                entries.Add((path, item));
            }
            else
            {
                Wrong(path, $"must be {expected}, is {Describe(item.ValueKind)}");
            }
        }

        return entries.ToImmutable();
    }
}
