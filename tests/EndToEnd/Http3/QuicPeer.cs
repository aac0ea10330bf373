using System.Buffers.Binary;
using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sluice.Tests.EndToEnd.Tls;

namespace Sluice.Tests.EndToEnd.Http3;

/// <summary>A client that writes the frames of HTTP/3 (RFC 9114) by itself, byte by byte, so that it can send what no client library would.</summary>
[SupportedOSPlatform("linux")]
internal sealed class QuicPeer : IAsyncDisposable
{
    /// <summary>H3_NO_ERROR.</summary>
    public const long NoError = 0x100;

    private const byte DataFrame = 0;
    private const byte HeadersFrame = 1;
    private const byte SettingsFrame = 4;

    // RFC 9204 appendix A: of the static table, those that are told here.
    private static readonly Dictionary<int, string> Statuses = new() { [24] = "103", [25] = "200", [26] = "304", [27] = "404", [28] = "503", [67] = "400", [68] = "403", [71] = "500" };
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly QuicConnection _connection;
    private readonly List<QuicStream> _inbound = [];
    private QuicStream? _control;

    private QuicPeer(QuicConnection connection) => _connection = connection;

    /// <summary>The thumbprint of the certificate that it was shown.</summary>
    public string Shown => ((X509Certificate2)_connection.RemoteCertificate!).Thumbprint;

    /// <summary>Shakes hands.</summary>
    /// <param name="tls">With whom.</param>
    /// <param name="host">The name that it asks for.</param>
    public static async Task<QuicPeer> ConnectAsync(TlsGateway tls, string host)
    {
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        var authentication = tls.Options(host, null, null);
        authentication.ApplicationProtocols = [SslApplicationProtocol.Http3];
        return new QuicPeer(await QuicConnection.ConnectAsync(
            new QuicClientConnectionOptions
            {
                RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, tls.Https),
                ClientAuthenticationOptions = authentication,
                DefaultCloseErrorCode = NoError,
                DefaultStreamErrorCode = NoError,
                MaxInboundUnidirectionalStreams = 3,
            },
            bound.Token));
    }

    /// <summary>Sends one request whole and answers its status, <c>RESET</c> where its stream was, or <c>CLOSED</c> where the connection was.</summary>
    public async Task<string> AskAsync((string Name, string Value)[] headers, byte[]? body = null)
    {
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        try
        {
            if (_control is null)
            {
                _control = await _connection.OpenOutboundStreamAsync(QuicStreamType.Unidirectional, bound.Token);
                await _control.WriteAsync(new byte[] { 0, SettingsFrame, 0 }, bound.Token);
            }

            await using var stream = await _connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional, bound.Token);
            using var sent = new MemoryStream();
            WriteFrame(sent, HeadersFrame, Block(headers));
            if (body is not null)
            {
                WriteFrame(sent, DataFrame, body);
            }

            await stream.WriteAsync(sent.ToArray(), completeWrites: true, bound.Token);
            using var answer = new MemoryStream();
            await stream.CopyToAsync(answer, bound.Token);
            return Status(answer.ToArray());
        }
        catch (QuicException e) when (e.QuicError is QuicError.StreamAborted)
        {
            return "RESET";
        }
        catch (QuicException e) when (e.QuicError is QuicError.ConnectionAborted)
        {
            return "CLOSED";
        }
    }

    /// <summary>Waits until the other side closes the connection, and answers its code.</summary>
    public async Task<long?> ClosedAsync()
    {
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        try
        {
            while (true)
            {
                // Its control stream, which is kept: a closed one would be an error of its own.
                _inbound.Add(await _connection.AcceptInboundStreamAsync(bound.Token));
            }
        }
        catch (QuicException e) when (e.QuicError is QuicError.ConnectionAborted)
        {
            return e.ApplicationErrorCode;
        }
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private static void WriteFrame(MemoryStream to, byte type, byte[] payload)
    {
        // RFC 9000 §16: a length of four bytes.
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, 0x80000000 | (uint)payload.Length);
        to.WriteByte(type);
        to.Write(length);
        to.Write(payload);
    }

    // RFC 9204 §4.5.6: literal lines with literal names, nothing of a table.
    private static byte[] Block((string Name, string Value)[] headers)
    {
        using var block = new MemoryStream();
        block.Write([0, 0]);
        foreach (var (name, value) in headers)
        {
            Text(block, 0x20, 7, name);
            Text(block, 0, 127, value);
        }

        return block.ToArray();
    }

    private static void Text(MemoryStream to, byte pattern, int most, string text)
    {
        var rest = text.Length;
        if (rest < most)
        {
            to.WriteByte((byte)(pattern | rest));
        }
        else
        {
            to.WriteByte((byte)(pattern | most));
            for (rest -= most; rest >= 128; rest >>= 7)
            {
                to.WriteByte((byte)(rest | 0x80));
            }

            to.WriteByte((byte)rest);
        }

        to.Write(Encoding.Latin1.GetBytes(text));
    }

    // The first frame is HEADERS, and the first of them the status.
    private static string Status(byte[] answer)
    {
        if (answer.Length == 0)
        {
            return "nothing";
        }

        Assert.Equal(HeadersFrame, answer[0]);
        var block = answer.AsSpan(1 + (1 << (answer[1] >> 6)) + 2);
        if ((block[0] & 0xC0) == 0xC0)
        {
            var index = block[0] & 0x3F;
            return Statuses[index == 0x3F ? 0x3F + block[1] : index];
        }

        // A literal by the name's number, whose value has three digits without Huffman's code.
        return Encoding.ASCII.GetString(block.Slice((block[0] & 0x0F) == 0x0F ? 3 : 2, 3));
    }
}
