using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>Keeps a user on one part of a split; a request without the value is decided by chance.</summary>
internal static class StickyChance
{
    /// <summary>The chance by which the part is chosen.</summary>
    public static double For(CompiledRoute route, HttpRequest request, Caller? caller)
    {
        var value = route.StickyValueOf(new RoutableRequest(request), caller?.Identity.User, caller?.Identity.KeyId);
        return value is null ? Chance.Next() : route.ChanceOf(value);
    }
}
