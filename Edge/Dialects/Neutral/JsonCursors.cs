using System.Text;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Walks the fields of an object in a body that was proven to be JSON. Where a name stands twice, each is told.</summary>
internal struct FieldCursor(Json whole)
{
    private int _at = 1;
    private ReadOnlyMemory<byte> _name;

    /// <summary>The value of the field.</summary>
    public Json Value { get; private set; }

    /// <summary>The name's text.</summary>
    public readonly ReadOnlySpan<byte> Name => _name.Span;

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        var json = whole.Span;
        if (json.IsEmpty || json[0] != '{')
        {
            return false;
        }

        var at = Blanks.Skip(json, _at);
        if (json[at] == '}')
        {
            return false;
        }

        var length = JsonLengths.OfString(json[at..]);
        var name = whole.Slice(at, length);
        _name = name.Unescape();
        at = Blanks.Skip(json, at + length);
        length = JsonLengths.OfValue(json[at..]);
        Value = whole.Slice(at, length);
        _at = at + length;
        return true;
    }

    /// <summary>The name as text.</summary>
    public readonly string NameText => Encoding.UTF8.GetString(_name.Span);

    /// <summary>Whether the name is this.</summary>
    public readonly bool Is(ReadOnlySpan<byte> name) => _name.Span.SequenceEqual(name);
}

/// <summary>Walks the items of a list in a body that was proven to be JSON.</summary>
internal struct ItemCursor(Json whole)
{
    private int _at = 1;

    /// <summary>The item.</summary>
    public Json Value { get; private set; }

    /// <summary>Goes to the next item; false at the end.</summary>
    public bool Next()
    {
        var json = whole.Span;
        if (json.IsEmpty || json[0] != '[')
        {
            return false;
        }

        var at = Blanks.Skip(json, _at);
        if (json[at] == ']')
        {
            return false;
        }

        var length = JsonLengths.OfValue(json[at..]);
        Value = whole.Slice(at, length);
        _at = at + length;
        return true;
    }
}

/// <summary>What stands between names and values.</summary>
file static class Blanks
{
    public static int Skip(ReadOnlySpan<byte> json, int at)
    {
        while (json[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',' or (byte)':')
        {
            at++;
        }

        return at;
    }
}
