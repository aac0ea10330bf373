using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>Keeps a user on one part of a split; a request without the value is decided by chance.</summary>
internal static class StickyChance
{
    /// <summary>The chance by which the part is chosen.</summary>
    public static double For(CompiledRoute route, HttpRequest request, Caller? caller)
    {
        var value = route.Resource.Sticky switch
        {
            { By: StickyBy.Header, Name: { } name } => request.Headers[name].ToString(),
            { By: StickyBy.Cookie, Name: { } name } => request.Cookies[name],
            { By: StickyBy.Subject } => caller?.Identity.User ?? caller?.Identity.KeyId,
            _ => null,
        };
        return string.IsNullOrEmpty(value) ? Chance.Next() : route.ChanceOf(value);
    }
}
