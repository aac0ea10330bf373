using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sluice.Edge.Tls;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http3;

/// <summary>How HTTP/3 is asked for, and what is said where it cannot be.</summary>
public sealed class Http3SettingTests
{
    [Theory]
    [InlineData("edge")]
    [InlineData("up")]
    public async Task Without_QUIC_it_does_not_start_and_says_what_to_install(string command)
    {
        Assert.SkipWhen(QuicRuntime.Missing is null, "this machine has QUIC");
        using var folder = new TemporaryFolder();

        var (code, _, errors) = await HostedSluice.CommandAsync([command, "--http", "0", "--https", Text(Ports.Free()), "--http3", "--ops", "0", "--data", folder.Path]);

        Assert.Equal(1, code);
        Assert.Contains("Edge:Http3 (--http3) is true, but this machine has no QUIC: the library libmsquic.so.2 is not there", errors, StringComparison.Ordinal);
        Assert.Contains("install libmsquic", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_UDP_port_that_another_program_holds_is_named()
    {
        Assert.SkipWhen(QuicRuntime.Missing is not null, QuicRuntime.Missing ?? "");
        using var folder = new TemporaryFolder();
        var port = Ports.Free();
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, port));

        var (code, _, errors) = await HostedSluice.CommandAsync(["edge", "--http", "0", "--listen", "127.0.0.1", "--https", Text(port), "--http3", "--ops", "0", "--data", folder.Path]);

        Assert.Equal(1, code);
        Assert.Contains($"UDP port {Text(port)} (clients over HTTP/3) is in use", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("without TLS", "Edge:Http3 is served on the port for TLS, and there is none", "--http", "0", "--http3")]
    [InlineData("as a number", "Sluice:Edge:Http3 must be true or false, is '8443'", "--http3", "8443")]
    public async Task What_does_not_go_together_is_an_error(string what, string expected, params string[] flags)
    {
        var (code, _, errors) = await HostedSluice.CommandAsync(["edge", "--ops", "0", .. flags]);

        Assert.True(code == 2, $"{what}: {Text(code)}");
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("on", "--http3")]
    [InlineData("off")]
    public async Task Doctor_tells_whether_this_machine_can(string says, params string[] flags)
    {
        using var folder = new TemporaryFolder();
        var isMissing = QuicRuntime.Missing is not null;

        var (_, output, _) = await HostedSluice.CommandAsync(["doctor", "--data", folder.Path, "--json", .. flags]);

        var found = JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray().Single(f => f.GetProperty("check").GetString() is "http3");
        Assert.StartsWith(says, found.GetProperty("says").GetString(), StringComparison.Ordinal);
        Assert.Equal(isMissing && flags.Length > 0 ? "error" : "ok", found.GetProperty("level").GetString());
        Assert.Contains(isMissing ? QuicRuntime.Missing! : "has QUIC", found.GetProperty("says").GetString(), StringComparison.Ordinal);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
