using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Targets;

/// <summary>Reads the first bytes of a stream before anything of it is passed on. Comments that come before are none: they are left out.</summary>
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
            do
            {
                var count = await answer.ReadAsync(bytes.Room()[..(ReadSize - bytes.Length)]);
                bytes.Advance(count > 0 ? count : throw new IOException("The provider's stream ended before it began."));
                if (answer.IsEventStream)
                {
                    LeaveOutComments(bytes);
                }
            }
            while (bytes.Length < ReadSize && (bytes.Length == 0 || (answer.IsEventStream && bytes.Span[0] == (byte)':')));

            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    // Whole lines that are comments or empty; what is left begins with something else, or with a comment that goes on.
    private static void LeaveOutComments(PooledBytes bytes)
    {
        var rest = bytes.Span;
        while (rest is [(byte)':' or (byte)'\r' or (byte)'\n', ..] && rest.IndexOfAny((byte)'\r', (byte)'\n') is var end and >= 0)
        {
            rest = rest[(end + 1)..];
        }

        if (rest.Length < bytes.Length)
        {
            var kept = rest.ToArray();
            bytes.Clear();
            bytes.Add(kept);
        }
    }
}
