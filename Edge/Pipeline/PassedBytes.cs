using System.Buffers;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>Passes an answer's bytes on as they come: nobody reads them here.</summary>
internal static class PassedBytes
{
    private const int ReadSize = 16 * 1024;

    /// <summary>Passes all of them, after the head was written; returns how many.</summary>
    /// <exception cref="IOException">The provider broke off, or a wait was longer than <paramref name="idle"/>.</exception>
    public static async ValueTask<long> PassAsync(HttpContext http, UpstreamAnswer answer, Deadline deadline, TimeSpan idle)
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

        return length;
    }
}
