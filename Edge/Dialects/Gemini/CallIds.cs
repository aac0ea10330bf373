using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Ids of calls of functions, which the dialect mostly leaves out: a response belongs to the first call of its name that has none yet.</summary>
internal sealed class CallIds
{
    private readonly List<(Json Name, Json Id)> _open = [];
    private int _count;

    /// <summary>The id of a call in a request: its own, or one by its place.</summary>
    public Json OfCall(Json id, Json name)
    {
        var given = id.HasText ? id : ToolIds.Of(0, _count);
        _count++;
        _open.Add((name, given));
        return given;
    }

    /// <summary>The id of the call that a response in a request belongs to.</summary>
    /// <exception cref="DialectFaultException">There is none.</exception>
    public Json OfResponse(Json id, Json name, Json origin)
    {
        var at = _open.FindIndex(open => id.HasText ? open.Id.Span.SequenceEqual(id.Span) : open.Name.Span.SequenceEqual(name.Span));
        if (at < 0)
        {
            return id.HasText ? id : throw new DialectFaultException("A functionResponse must follow a functionCall of its name.", origin);
        }

        var found = _open[at].Id;
        _open.RemoveAt(at);
        return found;
    }
}
