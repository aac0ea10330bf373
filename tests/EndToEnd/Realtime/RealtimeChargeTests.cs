using System.Net.WebSockets;
using System.Text;
using Sluice.Tests.EndToEnd.Targets;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Realtime;

/// <summary>What responses of realtime connections are charged; the provider's bill is the witness.</summary>
public sealed class RealtimeChargeTests(SharedGateway shared)
{
    private const long Worst = 400;
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"rt{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Each_response_is_charged_what_the_provider_told_while_the_connection_lasts()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 100_000));
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await client.RespondAsync());
        }

        var under = await AttemptRow.ReadAsync(_gateway.Admin, _name, 3);
        Assert.All(under, row => Assert.Equal(("reported", 200, 101), (row.Source, row.Tokens, row.Status)));
        var usage = await _gateway.Admin.UsageAsync(_name, 3);
        Assert.Equal(provider.Bill, (usage.InputTokens, usage.OutputTokens));
        Assert.Equal(48, usage.CachedTokens);
        await SpendsAsync(provider.Bill.Input + provider.Bill.Output);

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
        var all = await AttemptRow.ReadAsync(_gateway.Admin, _name, 5);
        Assert.Equal(["none", "reported", "reported", "reported", "none"], all.Select(row => row.Source));
        Assert.Single(all.Select(row => row.Request).Distinct(StringComparer.Ordinal));
        await SpendsAsync(600);
    }

    [Fact]
    public async Task What_was_transcribed_counts_in_a_record_of_its_own_whatever_is_left_of_the_budget()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, Worst));
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        const string Transcribed = "conversation.item.input_audio_transcription.completed";

        // The provider of these tests sends back what it is not asked to answer.
        await client.SendAsync(
            Encoding.UTF8.GetBytes($$$"""{"event_id":"e","type":"{{{Transcribed}}}","transcript":"hello","usage":{"type":"tokens","total_tokens":22,"input_tokens":13,"input_token_details":{"text_tokens":0,"audio_tokens":13},"output_tokens":9}}"""),
            WebSocketMessageType.Text,
            isEnd: true);
        Assert.True(await client.ReachAsync(Transcribed));

        var row = Assert.Single(await AttemptRow.ReadAsync(_gateway.Admin, _name, 1));
        Assert.Equal(("reported", 22L, 101), (row.Source, row.Tokens, row.Status));
        var record = (await _gateway.Admin.GetAsync($"attempts?tenant={_name}")).GetProperty("items")[0];
        Assert.Equal("gpt-realtime#transcription", record.GetProperty("model").GetString());
        await SpendsAsync(22);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
    }

    [Fact]
    public async Task What_was_transcribed_and_told_in_seconds_counts_by_its_length_at_the_price_of_a_minute()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 100_000));
        await _gateway.ApplyAsync($$"""
            { kind: Price, name: {{_name}}, entries: [{ model: "gpt-*", input: "5 USD", output: "20 USD", request: "1 USD" }, { model: "gpt-realtime#transcription", minute: "0.006 USD" }] }
            ---
            { kind: Model, name: {{_name}}, price: {{_name}}, contextTokens: 300, maxOutputTokens: 100, targets: [{ provider: {{_name}}, model: gpt-realtime }] }
            """);
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        const string Transcribed = "conversation.item.input_audio_transcription.completed";
        await client.SendAsync(Encoding.UTF8.GetBytes($$$"""{"event_id":"e","type":"{{{Transcribed}}}","transcript":"hello","usage":{"type":"duration","seconds":90.5}}"""), WebSocketMessageType.Text, isEnd: true);
        Assert.True(await client.ReachAsync(Transcribed));

        var row = Assert.Single(await AttemptRow.ReadAsync(_gateway.Admin, _name, 1));
        Assert.Equal(("estimated", 101), (row.Source, row.Status));
        var record = (await _gateway.Admin.GetAsync($"attempts?tenant={_name}")).GetProperty("items")[0];
        Assert.Equal(("gpt-realtime#transcription", 90_500), (record.GetProperty("model").GetString(), record.GetProperty("units").GetProperty("soundMilliseconds").GetInt64()));
        Assert.Equal(0.00905m, decimal.Parse(record.GetProperty("cost").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.StartsWith(_name, record.GetProperty("price").GetString(), StringComparison.Ordinal);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
    }

    [Fact]
    public async Task A_connection_counts_as_one_request_however_many_responses_it_has()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 2).Replace("tokens:", "requests:", StringComparison.Ordinal), $$"""
            kind: Limit
            name: {{_name}}
            subject: tenant/{{_name}}
            concurrent: 1
            """);
        for (var i = 0; i < 2; i++)
        {
            using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
            Assert.True(await client.RespondAsync());
            Assert.True(await client.RespondAsync());
            var second = await Assert.ThrowsAsync<WebSocketException>(() => RealtimeClient.ConnectAsync(_gateway, _name, key));
            Assert.Contains("429", second.Message, StringComparison.Ordinal);
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
            await AttemptRow.ReadAsync(_gateway.Admin, _name, 4 * (i + 1));
        }

        var third = await Assert.ThrowsAsync<WebSocketException>(() => RealtimeClient.ConnectAsync(_gateway, _name, key));
        Assert.Contains("429", third.Message, StringComparison.Ordinal);
        await SpendsAsync(2);
    }

    [Fact]
    public async Task Two_responses_at_the_same_time_are_both_charged()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 100_000));
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        await client.SayAsync("test.two");
        Assert.True(await client.ReachAsync("response.done"));
        Assert.True(await client.ReachAsync("response.done"));
        Assert.True(await client.RespondAsync());
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "");

        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, 4);
        Assert.Equal(3, rows.Count(row => row is { Source: "reported", Tokens: 200 }));
        Assert.All(rows, row => Assert.Contains(row.Source, new[] { "none", "reported" }));
        await SpendsAsync(600);
    }

    [Theory]
    [InlineData("{ per: second, amount: 400, burst: 400 }", 5, 1.5)]
    [InlineData("{ per: minute, amount: 3000, burst: 800 }", 4, 2.5)]
    public async Task Beyond_a_rate_of_tokens_a_connection_waits_until_there_are_enough_for_a_response(string rate, int responses, double least)
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, $$"""
            kind: Limit
            name: {{_name}}
            subject: tenant/{{_name}}
            tokens: {{rate}}
            """);
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        var begin = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < responses; i++)
        {
            Assert.True(await client.RespondAsync());
        }

        // Each takes 200, and 400 are needed. The second rate is too small to be divided, so that the grain decides.
        Assert.InRange(TimeProvider.System.GetElapsedTime(begin).TotalSeconds, least, 25);
    }

    [Fact]
    public async Task A_connection_ends_when_its_budget_covers_no_more_and_never_overspends_it()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 1_000));
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        for (var i = 0; i < 4; i++)
        {
            Assert.True(await client.RespondAsync());
        }

        // 800 are spent, and a fifth could use 400.
        var (error, status, reason) = await client.EndAsync();
        Assert.Equal(("insufficient_quota", 1008), (error, status));
        Assert.StartsWith("insufficient_quota: ", reason, StringComparison.Ordinal);
        Assert.Equal(4, provider.Responses);
        await SpendsAsync(800);
    }

    [Fact]
    public async Task What_a_provider_told_before_it_went_counts_and_what_it_had_begun_counts_as_reserved()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 100_000));
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        Assert.True(await client.RespondAsync());
        await client.SayAsync("test.begin");
        Assert.True(await client.ReachAsync("response.created"));
        await client.SayAsync("test.drop");

        var (error, status, reason) = await client.EndAsync();
        Assert.Equal(("upstream_error", 1011), (error, status));
        Assert.StartsWith("upstream_error: ", reason, StringComparison.Ordinal);
        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, 3);
        Assert.Equal([("none", 0L, 502), ("reported", 200L, 101), ("reserved", Worst, 502)], rows.Select(row => (row.Source, row.Tokens, row.Status)));
        await SpendsAsync(200 + Worst);
    }

    [Fact]
    public async Task A_client_that_is_gone_ends_the_provider_s_side_and_is_charged_what_was_reserved()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 100_000));
        using (var client = await RealtimeClient.ConnectAsync(_gateway, _name, key))
        {
            Assert.True(await client.RespondAsync());
            await client.SayAsync("test.begin");
            Assert.True(await client.ReachAsync("response.created"));
            client.Socket.Abort();
        }

        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, 3);
        Assert.Equal([("none", 0L, 499), ("reported", 200L, 101), ("reserved", Worst, 499)], rows.Select(row => (row.Source, row.Tokens, row.Status)));
        await Eventually.TrueAsync(() => Task.FromResult(provider.Ends.Any()), "the provider's side ends");
        await SpendsAsync(200 + Worst);
    }

    private Task SpendsAsync(long tokens) => Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, _name) == tokens, $"the budget has spent {tokens}");
}
