using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge.Pipeline;

namespace Sluice.Tests.Unit.Edge.Pipeline;

public sealed class ListenSocketsTests
{
    private const int Rounds = 12;
    private const int Clients = 6;

    [Fact]
    public async Task However_many_connect_in_the_moment_in_which_it_closes_each_is_answered_or_refused()
    {
        var cancellation = TestContext.Current.CancellationToken;
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ListeningServer.StartAsync(cancellation);
            var port = new Uri(server.Urls.Single()).Port;
            var answered = 0;
            var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(() => AskUntilRefusedAsync(port, () => Interlocked.Increment(ref answered), cancellation), cancellation)).ToArray();
            await Eventually.HoldsAsync(() => Volatile.Read(ref answered) > Clients);

            await server.Services.GetRequiredService<ListenSockets>().CloseAsync(TimeSpan.FromSeconds(5), TimeProvider.System);

            await Task.WhenAll(clients);
        }
    }

    // A reset is an exception that nobody expects.
    private static async Task AskUntilRefusedAsync(int port, Action answered, CancellationToken cancellation)
    {
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(ListeningServer.Address, port, cancellation);
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return;
            }

            await client.Client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
            using var reader = new StreamReader(client.GetStream());
            Assert.StartsWith("HTTP/1.1 204", await reader.ReadToEndAsync(cancellation), StringComparison.Ordinal);
            answered();
        }
    }
}
