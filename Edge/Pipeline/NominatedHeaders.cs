using Microsoft.Extensions.Primitives;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Pipeline;

/// <summary>The headers that a <c>Connection</c> header names.</summary>
internal static class NominatedHeaders
{
    /// <summary>The headers that a client declares to concern this connection only, or null where there are none.</summary>
    public static ISet<string>? Of(StringValues connection)
    {
        ISet<string>? names = null;
        foreach (var value in connection)
        {
            HeaderRules.Nominate(value, ref names);
        }

        return names;
    }
}
