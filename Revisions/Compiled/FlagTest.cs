using System.Text.Json;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Settings;

namespace Sluice.Revisions.Compiled;

/// <summary>What a route asks of a flag, ready to be asked of requests.</summary>
/// <param name="flag">The flag.</param>
/// <param name="asked">As declared.</param>
public sealed class FlagTest(CompiledFlag flag, FlagCondition asked)
{
    /// <summary>As declared.</summary>
    public FlagCondition Asked => asked;

    /// <summary>Whether it must be known whose request it is before its route is.</summary>
    public bool AsksCaller => asked.By is StickyBy.Subject;

    /// <summary>Whether the flag says for a request what it must.</summary>
    public bool Holds<TRequest>(scoped in TRequest request)
        where TRequest : struct, IRoutableRequest, allows ref struct => JsonElement.DeepEquals(ValueFor(request), asked.Is);

    /// <summary>What the flag says for a request.</summary>
    public JsonElement ValueFor<TRequest>(scoped in TRequest request)
        where TRequest : struct, IRoutableRequest, allows ref struct
    {
        var subject = asked switch
        {
            { By: StickyBy.Header, Name: { } name } => request.Header(name),
            { By: StickyBy.Cookie, Name: { } name } => request.Cookie(name),
            _ => request.Subject,
        };
        return flag.For(string.IsNullOrEmpty(subject) ? null : subject).Value;
    }
}
