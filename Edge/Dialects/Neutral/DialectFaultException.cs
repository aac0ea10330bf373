namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A body that its dialect cannot be read from, or that the other dialect cannot express. The only exception that reading and writing throws.</summary>
internal sealed class DialectFaultException : Exception
{
    private readonly int _at;
    private readonly string? _field;

    /// <summary>A fault of the value that stands at this place of the body.</summary>
    public DialectFaultException(string why, Json value)
        : base(why) => _at = value.At;

    /// <summary>A fault of a field by its name, or of the whole.</summary>
    public DialectFaultException(string why, string? field = null)
        : base(why) => (_field, _at) = (field, -1);

    /// <summary>The field that is to blame, as <c>messages[2].content[0]</c>; null where no one is.</summary>
    /// <param name="source">The body.</param>
    public string? FieldIn(Json source) => _field ?? (_at < 0 ? null : JsonPath.Of(source, _at));
}
