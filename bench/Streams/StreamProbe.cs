using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;

namespace Sluice.Bench.Streams;

/// <summary>What one way to the upstream costs a stream, in microseconds: the first byte after the request was sent, and each event from written to read.</summary>
internal sealed class StreamProbe(string name, Uri address, string? key) : IDisposable
{
    private static readonly byte[] Request = Encoding.UTF8.GetBytes(
        $$"""{"model":"streams","stream":true,"messages":[{"role":"user","content":"{{string.Concat(Enumerable.Repeat("What is a gateway good for, in plain words? ", 20))}}"}],"max_tokens":64}""");

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<double> _firstBytes = [];
    private readonly List<double> _events = [];

    /// <summary>For the table.</summary>
    public string Name => name;

    /// <summary>From the request's sending to the answer's first byte.</summary>
    public Percentiles FirstByte => Percentiles.Of(_firstBytes);

    /// <summary>From an event's writing at the upstream to its reading here.</summary>
    public Percentiles Event => Percentiles.Of(_events);

    /// <summary>Forgets what was measured, after the warm-up.</summary>
    public void Clear()
    {
        _firstBytes.Clear();
        _events.Clear();
    }

    /// <summary>Sends one request and reads its stream to the end.</summary>
    /// <exception cref="InvalidOperationException">The answer was not a whole stream.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(Request) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        var sent = TimeProvider.System.GetTimestamp();
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var events = 0;
        for (var first = true; await body.ReadAsync(_buffer, cancellation) is var count and > 0; first = false)
        {
            var now = TimeProvider.System.GetTimestamp();
            if (first)
            {
                _firstBytes.Add(TimeProvider.System.GetElapsedTime(sent, now).TotalMicroseconds);
            }

            events += Read(_buffer.AsSpan(0, count), now);
        }

        if (events != StreamingUpstream.Events)
        {
            throw new InvalidOperationException($"{name}: {(int)answer.StatusCode}, {events} events of {StreamingUpstream.Events}.");
        }
    }

    public void Dispose() => _http.Dispose();

    // An event of this size is written and forwarded in one piece: none is cut between two reads on loopback.
    private int Read(ReadOnlySpan<byte> bytes, long now)
    {
        var events = 0;
        while (bytes.IndexOf(" at "u8) is var start and >= 0)
        {
            bytes = bytes[(start + 4)..];
            if (Utf8Parser.TryParse(bytes, out long written, out _))
            {
                _events.Add(TimeProvider.System.GetElapsedTime(written, now).TotalMicroseconds);
                events++;
            }
        }

        return events;
    }
}

/// <summary>Of a set of measurements, in their unit.</summary>
internal readonly record struct Percentiles(double P50, double P99)
{
    /// <summary>The nearest-rank percentiles.</summary>
    public static Percentiles Of(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return new(At(0.50), At(0.99));

        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
