using System.Buffers;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Metering;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>Passes speech on as it comes: bytes that nobody reads here. Its length tells the most that can have been made.</summary>
internal static class SpokenAnswer
{
    private const int ReadSize = 16 * 1024;

    /// <summary>Passes all of it; what it returns is to be settled.</summary>
    /// <exception cref="IOException">The provider broke off, or a wait was longer than <paramref name="idle"/>.</exception>
    public static async ValueTask<Settlement> PassAsync(HttpContext http, UpstreamAnswer answer, SentRequest sent, Deadline deadline, TimeSpan idle)
    {
        http.Response.ContentLength = answer.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        var length = 0L;
        try
        {
            for (int count; (count = await answer.ReadAsync(buffer)) > 0;)
            {
                deadline.In(idle);
                length += count;
                await http.Response.BodyWriter.WriteAsync(buffer.AsMemory(0, count), http.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var spoken = Math.Min(TokenBounds.OfSound(length), sent.OutputBound);
        var counted = await sent.CountedAsync(spoken, http.Response.StatusCode);
        return counted with { Tokens = counted.Tokens with { OutputAudio = spoken } };
    }
}
