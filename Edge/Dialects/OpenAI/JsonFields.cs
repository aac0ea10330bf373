using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// Walks the fields of a JSON object by its brackets and quotes alone, several times faster than a reader that judges each token: for answers, which go out as they came
/// whatever is wrong with them. Where <see cref="IsWhole"/> stays false, nothing found is certain.
/// </summary>
internal ref struct JsonFields
{
    private ReadOnlySpan<byte> _rest;
    private bool _isInside;

    /// <summary>Begins before the first field.</summary>
    public JsonFields(ReadOnlySpan<byte> json) => _rest = json;

    /// <summary>The field's name as it is written, without its quotes.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The field's value as it is written.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the object was walked to its end.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Goes to the next field; false at the end, and where the text is no JSON object.</summary>
    public bool Next()
    {
        switch (Take())
        {
            case (byte)'{' when !_isInside:
                _isInside = true;
                break;
            case (byte)'}' when _isInside:
                IsWhole = true;
                return false;
            case (byte)',' when _isInside && !Name.IsEmpty:
                break;
            default:
                return false;
        }

        if (Peek() == '}' && Name.IsEmpty)
        {
            return Next();
        }

        if (Peek() != '"' || JsonLengths.OfString(_rest) is not (> 2 and var name))
        {
            return false;
        }

        Name = _rest[1..(name - 1)];
        _rest = _rest[name..];
        if (Take() != ':' || Peek() is null || JsonLengths.OfValue(_rest) is not (> 0 and var length))
        {
            return false;
        }

        Value = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    private byte? Peek()
    {
        var skipped = _rest.IndexOfAnyExcept(" \t\r\n"u8);
        _rest = skipped < 0 ? default : _rest[skipped..];
        return _rest.IsEmpty ? null : _rest[0];
    }

    private byte? Take()
    {
        var next = Peek();
        _rest = _rest.IsEmpty ? _rest : _rest[1..];
        return next;
    }
}
