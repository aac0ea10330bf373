using Microsoft.AspNetCore.Http;
using Sluice.Edge.Metering;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>Passes speech on as it comes: bytes that nobody reads here. Its length tells the most that can have been made.</summary>
internal static class SpokenAnswer
{
    /// <summary>Passes all of it; what it returns is to be settled.</summary>
    /// <exception cref="IOException">The provider broke off, or a wait was longer than <paramref name="idle"/>.</exception>
    public static async ValueTask<Settlement> PassAsync(HttpContext http, UpstreamAnswer answer, SentRequest sent, Deadline deadline, TimeSpan idle)
    {
        var length = await PassedBytes.PassAsync(http, answer, deadline, idle);
        var spoken = Math.Min(TokenBounds.OfSound(length), sent.OutputBound);
        var counted = await sent.CountedAsync(spoken, http.Response.StatusCode);
        return counted with { Tokens = counted.Tokens with { OutputAudio = spoken } };
    }
}
