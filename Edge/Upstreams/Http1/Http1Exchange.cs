using System.Runtime.CompilerServices;

namespace Sluice.Edge.Upstreams.Http1;

/// <summary>One request and the head of its answer, over a connection of a pool.</summary>
internal static class Http1Exchange
{
    /// <summary>A body up to this size is sent in one step with its head.</summary>
    private const int SmallBody = 16 * 1024;

    /// <summary>Sends a request whose head lacks only its end.</summary>
    /// <param name="pool">Where to.</param>
    /// <param name="head">The request line and the headers.</param>
    /// <param name="body">The body, or null for a request without one.</param>
    /// <param name="isHead">Whether the request is HEAD.</param>
    /// <param name="isIdempotent">Whether it may be sent again over a new connection where the upstream closed the old one instead of answering.</param>
    /// <param name="cancellation">Ends the exchange at any time till the answer is let go of.</param>
    /// <exception cref="HttpRequestException">No connection is to be had: nothing was sent.</exception>
    /// <exception cref="IOException">The upstream broke off, or its answer cannot be trusted.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the time to connect is over.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<Http1Connection> SendAsync(
        Http1Pool pool, RequestHead head, ReadOnlyMemory<byte>? body, bool isHead, bool isIdempotent, CancellationToken cancellation)
    {
        head.End(body?.Length);
        var rest = body ?? default;
        if (rest.Length <= SmallBody)
        {
            head.AddBody(rest.Span);
            rest = default;
        }

        var kept = pool.TryTake();
        if (kept is not null)
        {
            try
            {
                await kept.ExchangeAsync(head.Bytes, rest, isHead, cancellation);
                return kept;
            }
            catch (IOException) when (isIdempotent && !kept.HasBegun && !cancellation.IsCancellationRequested)
            {
                kept.Close();
            }
            catch
            {
                kept.Close();
                throw;
            }
        }

        var connection = await pool.ConnectAsync(cancellation);
        try
        {
            await connection.ExchangeAsync(head.Bytes, rest, isHead, cancellation);
            return connection;
        }
        catch
        {
            connection.Close();
            throw;
        }
    }
}
