using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Processes;

/// <summary>Bytes over a connection, for requests that no HTTP client would send.</summary>
public static class RawConnection
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>Sends bytes (as Latin-1) and reads until the server closes.</summary>
    /// <exception cref="TimeoutException">The server kept the connection open; tells what came.</exception>
    public static async Task<string> SendAsync(Uri server, string bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        var answer = new StringBuilder();
        var buffer = new byte[16 * 1024];
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        try
        {
            while (await stream.ReadAsync(buffer, bound.Token) is var count and > 0)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // Reset: closed as well.
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The server kept the connection open after: {answer}", e);
        }

        return answer.ToString();
    }
}
