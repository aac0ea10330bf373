using static Sluice.Tests.EndToEnd.Http2.FrameType;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>Clients that cost more than they bring: the edge ends their connection, or serves it no faster than they read; those of others go on meanwhile (docs/http2.md).</summary>
[Collection(Http2Gateway.Name)]
public sealed class FloodTests(Http2Gateway shared)
{
    private const string Path = "/h2/x";
    private const string Held = "/h2/held";
    private const int Batch = 100;
    private const int Most = 50_000;

    // More than two sockets and the edge hold of what nobody reads.
    private const int MostUnread = 32 * 1024 * 1024;
    private static readonly TimeSpan Stalled = TimeSpan.FromMilliseconds(500);

    private static readonly Dictionary<string, Action<FramedConnection, int>> Ended = new(StringComparer.Ordinal)
    {
        // CVE-2023-44487.
        ["requests that are reset at once"] = static (c, i) =>
        {
            c.Get(Stream(i), Held);
            c.Reset(Stream(i));
        },
        ["requests without a route that are reset at once"] = static (c, i) =>
        {
            c.Get(Stream(i), "/nowhere");
            c.Reset(Stream(i));
        },
        // CVE-2025-8671: the server is made to reset them.
        ["requests that the edge is made to reset"] = static (c, i) =>
        {
            c.Get(Stream(i), Held);
            c.WindowUpdate(Stream(i), int.MaxValue);
            c.WindowUpdate(Stream(i), int.MaxValue);
        },
        // CVE-2024-27983 and its like.
        ["a block of headers that does not end"] = Block(static i => HeaderBlock.Of(("x" + i, new string('y', 100)))),
        ["a block of headers of empty values"] = Block(static _ => HeaderBlock.Of(("x", ""))),
    };

    private static readonly Dictionary<string, Action<FramedConnection, int>> Served = new(StringComparer.Ordinal)
    {
        ["PING"] = static (c, _) => c.Send(Ping, 0, 0, new byte[8]),
        ["SETTINGS"] = static (c, _) => c.Setting(3, 100),
        ["PRIORITY"] = static (c, i) => c.Send(Priority, 0, Stream(i), 0, 0, 0, 0, 16),
        ["WINDOW_UPDATE"] = static (c, _) => c.WindowUpdate(0, 1),
        // The time that headers have ends it.
        ["a block of headers in empty frames"] = Block(static _ => []),
        ["empty DATA"] = static (c, i) =>
        {
            if (i == 0)
            {
                c.Post(1, Held);
            }

            c.Send(Data, 0, 1);
        },
    };

    public static TheoryData<string> NamesOfEnded => [.. Ended.Keys];

    public static TheoryData<string> NamesOfServed => [.. Served.Keys];

    [Theory]
    [MemberData(nameof(NamesOfEnded))]
    public async Task A_flood_that_makes_work_ends_its_connection_and_no_other(string name)
    {
        await using var flooding = await FramedConnection.ConnectAsync(shared.Port);
        await using var other = await FramedConnection.ConnectAsync(shared.Port);
        Assert.Equal("200", await other.AskAsync(1, Path));
        var reading = EndAsync(flooding);

        for (var sent = 0; sent < Most && !reading.IsCompleted; sent += Batch)
        {
            for (var i = 0; i < Batch; i++)
            {
                Ended[name](flooding, sent + i);
            }

            await flooding.FlushAsync();
        }

        await reading;
        for (var stream = 3; stream < 20; stream += 2)
        {
            Assert.Equal("200", await other.AskAsync(stream, Path));
        }
    }

    [Theory]
    [MemberData(nameof(NamesOfServed))]
    public async Task A_flood_of_what_costs_little_leaves_other_connections_as_they_are(string name)
    {
        await using var flooding = await FramedConnection.ConnectAsync(shared.Port);
        await using var other = await FramedConnection.ConnectAsync(shared.Port);
        var reading = EndAsync(flooding);
        var writing = Task.Run(async () =>
        {
            for (var sent = 0; sent < Most; sent += Batch)
            {
                for (var i = 0; i < Batch; i++)
                {
                    Served[name](flooding, sent + i);
                }

                Assert.True(await flooding.FlushAsync());
            }
        });

        for (var stream = 1; stream < 20 || !writing.IsCompleted; stream += 2)
        {
            Assert.Equal("200", await other.AskAsync(stream, Path));
        }

        await writing;
        Assert.False(reading.IsCompleted);
    }

    [Fact]
    public async Task A_client_that_does_not_read_what_it_asks_for_is_not_read_either()
    {
        await using var flooding = await FramedConnection.ConnectAsync(shared.Port);
        var sent = 0;
        while (sent < MostUnread)
        {
            for (var i = 0; i < 4096; i++)
            {
                flooding.Send(Ping, 0, 0, new byte[8]);
            }

            var writing = flooding.FlushAsync();
            if (await Task.WhenAny(writing, Task.Delay(Stalled, TimeProvider.System)) != writing)
            {
                break;
            }

            sent += 4096 * 17;
        }

        Assert.InRange(sent, 1, MostUnread - 1);
    }

    private static int Stream(int number) => 1 + (2 * number);

    private static Action<FramedConnection, int> Block(Func<int, byte[]> rest) => (c, i) =>
    {
        if (i == 0)
        {
            c.Headers(1, Frame.EndStream, HeaderBlock.Request(Path));
        }

        c.Send(Continuation, 0, 1, rest(i));
    };

    // Reads all until the edge closes.
    private static Task EndAsync(FramedConnection connection) => Task.Run(async () =>
    {
        while (await connection.ReadAsync() is not null)
        {
        }
    });
}
