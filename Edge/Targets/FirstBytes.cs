using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Targets;

/// <summary>Reads the first bytes of a stream before anything of it is passed on.</summary>
internal static class FirstBytes
{
    private const int ReadSize = 4 * 1024;

    /// <summary>The first bytes; they are the caller's to dispose of.</summary>
    /// <exception cref="IOException">The provider broke off, or the stream has none.</exception>
    /// <exception cref="OperationCanceledException">Time ran out, or another attempt answers.</exception>
    public static async ValueTask<PooledBytes> ReadAsync(UpstreamAnswer answer)
    {
        var bytes = new PooledBytes(ReadSize);
        try
        {
            bytes.Advance(await answer.ReadAsync(bytes.Room()[..ReadSize]));
            return bytes.Length > 0 ? bytes : throw new IOException("The provider's stream ended before it began.");
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }
}
