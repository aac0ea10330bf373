using System.Net;
using System.Net.Sockets;
using Sluice.Revisions.Outbound;

namespace Sluice.Tests.Unit.Revisions.Outbound;

/// <summary>Connections to names whose addresses change, and to addresses themselves.</summary>
public sealed class GuardedConnectorTests : IDisposable
{
    private static readonly IPAddress Metadata = IPAddress.Parse("169.254.169.254");
    private static readonly AddressGuard Near = AddressGuard.ForUpstreams(allowsPrivate: true, openRanges: null);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public GuardedConnectorTests() => _listener.Start();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_name_that_is_resolved_anew_to_metadata_is_refused_though_it_was_good_before()
    {
        var answers = new Queue<IPAddress>([IPAddress.Loopback, Metadata]);
        var connector = new GuardedConnector(Near, (_, _) => Task.FromResult(new[] { answers.Dequeue() }));

        (await ConnectAsync(connector, "rebinds.example.com")).Dispose();
        var refused = await Assert.ThrowsAsync<AddressRefusedException>(() => ConnectAsync(connector, "rebinds.example.com"));

        Assert.Equal("'rebinds.example.com' is not connected to: it is at 169.254.169.254, and it is where a cloud keeps its metadata.", refused.Message);
    }

    [Fact]
    public async Task Of_several_addresses_those_that_are_refused_are_left_out()
    {
        var connector = new GuardedConnector(Near, (_, _) => Task.FromResult(new[] { Metadata, IPAddress.Loopback }));

        using var socket = await ConnectAsync(connector, "mixed.example.com");

        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)socket.RemoteEndPoint!).Address.MapToIPv4());
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("[::ffff:169.254.169.254]")]
    [InlineData("2852039166")]
    [InlineData("0251.0376.0251.0376")]
    [InlineData("0xA9FEA9FE")]
    [InlineData("fe80::1%1")]
    [InlineData("[fe80::1%1]")]
    [InlineData("0")]
    [InlineData("metadata.google.internal")]
    public async Task What_is_written_as_a_number_or_names_metadata_is_refused_without_asking_the_resolver(string host)
    {
        var connector = new GuardedConnector(Near, (_, _) => throw new InvalidOperationException("The resolver was asked."));

        await Assert.ThrowsAsync<AddressRefusedException>(() => ConnectAsync(connector, host));
    }

    [Fact]
    public async Task A_client_that_is_redirected_or_given_a_user_ends_at_the_same_guard()
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, ConnectCallback = new GuardedConnector(Near).ConnectAsync };
        using var client = new HttpClient(handler);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://127.0.0.1:{Port}@169.254.169.254/latest/meta-data/", TestContext.Current.CancellationToken));

        Assert.Equal("169.254.169.254", Assert.IsType<AddressRefusedException>(failure.InnerException).Host);
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task A_port_that_does_not_answer_is_a_failure_of_the_socket()
    {
        var port = Port;
        _listener.Stop();

        await Assert.ThrowsAsync<SocketException>(() => new GuardedConnector(Near).ConnectAsync("127.0.0.1", port, isPlain: true, TestContext.Current.CancellationToken).AsTask());
    }

    private Task<Socket> ConnectAsync(GuardedConnector connector, string host) => connector.ConnectAsync(host, Port, isPlain: true, TestContext.Current.CancellationToken).AsTask();
}
