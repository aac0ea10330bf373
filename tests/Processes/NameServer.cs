using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Processes;

/// <summary>A name server on this machine, over UDP (RFC 1035, RFC 2782), that answers what a test says.</summary>
public sealed class NameServer : IAsyncDisposable
{
    private const int Header = 12;
    private const int TypeA = 1;
    private const int TypeService = 33;
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, Zone> _zones = new(StringComparer.OrdinalIgnoreCase);
    private readonly Task _serving;
    private int _asked;

    public NameServer() => _serving = ServeAsync();

    /// <summary>Where it is.</summary>
    public string Address => _socket.Client.LocalEndPoint!.ToString()!;

    /// <summary>How many questions came.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Whether it fails instead of answering (SERVFAIL).</summary>
    public bool IsBroken { get; set; }

    /// <summary>The addresses of a host.</summary>
    public void Host(string name, int seconds, params string[] addresses) =>
        _zones[name] = new Zone(TypeA, [.. addresses.Select(a => IPAddress.Parse(a).GetAddressBytes())], seconds);

    /// <summary>The hosts of a service, each with priority, weight and port.</summary>
    public void Service(string name, int seconds, params (int Priority, int Weight, int Port, string Target)[] hosts) =>
        _zones[name] = new Zone(TypeService, [.. hosts.Select(h => (byte[])[.. Two(h.Priority), .. Two(h.Weight), .. Two(h.Port), .. Labels(h.Target)])], seconds);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving;
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveAsync(_end.Token);
                Interlocked.Increment(ref _asked);
                await _socket.SendAsync(Answer(question.Buffer), question.RemoteEndPoint, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private byte[] Answer(byte[] question)
    {
        var (labels, at) = (new List<string>(), Header);
        while (question[at] is > 0 and var length)
        {
            labels.Add(Encoding.ASCII.GetString(question, at + 1, length));
            at += length + 1;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(at + 1));
        var zone = _zones.GetValueOrDefault(string.Join('.', labels));
        var records = zone is { } known && known.Type == type && !IsBroken ? known.Records : [];
        var code = IsBroken ? 2 : zone is null ? 3 : 0;
        return
        [
            .. question.AsSpan(0, 2), .. Two(0x8580 | code), .. Two(1), .. Two(records.Length), .. Two(0), .. Two(0),
            .. question.AsSpan(Header, at + 5 - Header),
            .. records.SelectMany(record => (byte[])[0xC0, Header, .. Two(type), .. Two(1), .. Two(0), .. Two(zone!.Seconds), .. Two(record.Length), .. record]),
        ];
    }

    private static byte[] Two(int number) => [(byte)(number >> 8), (byte)number];

    private static byte[] Labels(string name) => [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    private sealed record Zone(int Type, byte[][] Records, int Seconds);
}
