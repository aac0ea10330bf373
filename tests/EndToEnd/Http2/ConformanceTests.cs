using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>What RFC 9113 has a server do with each frame, in each state and with each request that is not valid: the sections that h2spec covers (docs/http2.md).</summary>
[Collection(Http2Gateway.Name)]
public sealed class ConformanceTests(Http2Gateway shared)
{
    private static readonly Dictionary<string, ProtocolCase> ByName = FrameCases.All.Concat(StreamCases.All).Concat(HeaderCases.All).ToDictionary(each => each.ToString(), StringComparer.Ordinal);

    public static TheoryData<string> Cases => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_a_client_does_has_the_outcome_that_the_protocol_says(string name)
    {
        var asked = ByName[name];
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);

        var outcome = await asked.RunAsync(connection);

        Assert.True(asked.Outcome.Split('|').Contains(outcome, StringComparer.Ordinal), $"{name}: {outcome}, not {asked.Outcome}");
    }

    [Fact]
    public async Task The_page_names_what_the_protocol_has_otherwise()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "http2.md"));
        foreach (var deviation in ByName.Values.Where(each => each.IsDeviation))
        {
            Assert.Contains($"| {deviation.Section} | {deviation.Name} |", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n")]
    [InlineData("GET /h2/x HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task What_does_not_begin_as_HTTP2_does_is_not_served(string preface)
    {
        await using var connection = await FramedConnection.ConnectBareAsync(shared.Port);
        connection.SendBytes(System.Text.Encoding.ASCII.GetBytes(preface));
        await connection.FlushAsync();

        Assert.Null(await connection.ReadAsync(FrameType.Headers));
    }

    [Fact]
    public async Task The_edge_begins_with_its_settings_and_acknowledges_those_of_the_client()
    {
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);
        await connection.FlushAsync();

        Assert.Equal((FrameType.Settings, false), await connection.ReadAsync() is { } first ? (first.Type, first.Has(Frame.Ack)) : default);
        Assert.NotNull(await connection.ReadAsync(FrameType.Settings));
    }

    [Fact]
    public async Task An_answer_waits_for_the_window_that_its_client_gives()
    {
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);
        connection.Setting(4, 1);
        connection.Get(1, "/h2/x");
        await connection.FlushAsync();
        var body = new List<byte>();
        while (await connection.ReadAsync(FrameType.Data) is { } data)
        {
            Assert.True(data.Payload.Length <= 1);
            body.AddRange(data.Payload);
            if (data.Has(Frame.EndStream))
            {
                break;
            }

            if (body.Count < "served".Length)
            {
                connection.WindowUpdate(1, 1);
                await connection.FlushAsync();
            }
        }

        Assert.Equal("served"u8.ToArray(), body);
    }

    [Fact]
    public async Task A_connection_serves_many_streams_at_once_and_one_that_is_reset_leaves_the_others()
    {
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);
        connection.Get(1, "/h2/held");
        connection.Get(3, "/h2/held");
        connection.Reset(1);

        Assert.Equal("200", await connection.AskAsync(5, "/h2/x"));
        connection.Reset(3);
        Assert.Equal("200", await connection.AskAsync(7, "/h2/x"));
    }
}
