using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>What of TLS is seen on the wire: with TLS 1.2, whose handshakes and alerts are told in the clear.</summary>
public sealed class SessionTests(TlsGateway tls) : IClassFixture<TlsGateway>
{
    // RFC 5246 §6.2.1 and §7.4.
    private const byte Alert = 21;
    private const byte Handshake = 22;
    private const byte ServersCertificate = 11;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("1.1")]
    [InlineData("1.0")]
    public async Task The_end_of_a_connection_is_told_by_close_notify_without_which_clients_forget_the_session(string version)
    {
        await tls.Gateway.Admin.ApplyAsync(tls.Authority.Issue(["ended.test"]).Bundle("ended"));

        var records = await AskAsync("ended.test", version);

        Assert.Equal(Alert, records[^1].Type);
    }

    [Fact]
    public async Task A_session_is_resumed_by_a_new_connection_until_its_certificate_is_another()
    {
        await tls.Gateway.Admin.ApplyAsync(tls.Authority.Issue(["resumed.test"]).Bundle("resumed"));
        var first = await AskAsync("resumed.test", "1.1");
        var second = await AskAsync("resumed.test", "1.1");
        await tls.Gateway.Admin.ApplyAsync(tls.Authority.Issue(["resumed.test"]).Bundle("resumed"));
        var third = await AskAsync("resumed.test", "1.1");

        Assert.Equal([true, false, true], new[] { first, second, third }.Select(ShowsCertificate));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_ends_without_close_notify_for_it_would_seem_whole()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            await http.Response.WriteAsync("begun", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await begun.Task.WaitAsync(Bound, TimeProvider.System);
            http.Abort();
        });
        await tls.Gateway.Admin.ApplyAsync($"{tls.Authority.Issue(["broken.test"]).Bundle("broken")}\n---\n{upstream.Bundle}");

        // Of HTTP/1.0: the end of the connection is the end of the answer.
        var records = await AskAsync("broken.test", "1.0", "/there", async answer =>
        {
            var text = new StringBuilder();
            var part = new char[1024];
            try
            {
                while (await answer.ReadAsync(part) is > 0 and var count)
                {
                    if (text.Append(part, 0, count).ToString().Contains("begun", StringComparison.Ordinal))
                    {
                        begun.TrySetResult();
                    }
                }
            }
            catch (IOException)
            {
                // Reset, as it may be.
            }

            Assert.EndsWith("begun", text.ToString(), StringComparison.Ordinal);
        });

        Assert.NotEqual(Alert, records[^1].Type);
    }

    private static bool ShowsCertificate(List<(byte Type, byte[] Content)> records)
    {
        // Handshake messages follow each other, up to what is encrypted; each has its type and three bytes of length.
        var messages = records.TakeWhile(r => r.Type is Handshake).SelectMany(r => r.Content).ToArray();
        for (var at = 0; at < messages.Length; at += 4 + ((messages[at + 1] << 16) | (messages[at + 2] << 8) | messages[at + 3]))
        {
            if (messages[at] is ServersCertificate)
            {
                return true;
            }
        }

        return false;
    }

    private Task<List<(byte Type, byte[] Content)>> AskAsync(string host, string version) =>
        AskAsync(host, version, "/v1/models", async answer => Assert.Contains(" 401 ", await answer.ReadToEndAsync(), StringComparison.Ordinal));

    // One request on a connection of its own; answers the records that came, up to the connection's end.
    private async Task<List<(byte Type, byte[] Content)>> AskAsync(string host, string version, string path, Func<StreamReader, Task> read)
    {
        using var end = new CancellationTokenSource(Bound, TimeProvider.System);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, tls.Https, end.Token);
        await using var wire = new HeardStream(socket);
        await using var stream = new SslStream(wire);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, EnabledSslProtocols = SslProtocols.Tls12, CertificateChainPolicy = TlsGateway.Trust(tls.Authority.Root) }, end.Token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GET {path} HTTP/{version}\r\nHost: {host}\r\nConnection: close\r\n\r\n")), end.Token);
        using var answer = new StreamReader(stream);
        await read(answer).WaitAsync(end.Token);
        return wire.Records();
    }

    private sealed class HeardStream(Socket socket) : NetworkStream(socket)
    {
        private readonly MemoryStream _heard = new();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            _heard.Write(buffer.Span[..count]);
            return count;
        }

        public List<(byte Type, byte[] Content)> Records()
        {
            var all = _heard.ToArray();
            var records = new List<(byte, byte[])>();
            for (var at = 0; at < all.Length;)
            {
                var next = at + 5 + ((all[at + 3] << 8) | all[at + 4]);
                records.Add((all[at], all[(at + 5)..next]));
                at = next;
            }

            return records;
        }

        protected override void Dispose(bool disposing)
        {
            _heard.Dispose();
            base.Dispose(disposing);
        }
    }
}
