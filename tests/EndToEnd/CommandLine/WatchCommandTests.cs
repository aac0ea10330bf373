using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary><c>sluice bench</c>, and what <c>sluice top</c> and <c>sluice calls --follow</c> show of it.</summary>
public sealed class WatchCommandTests(ClassGateway own) : IClassFixture<ClassGateway>
{
    private readonly Gateway _gateway = own.Gateway;
    private readonly Shell _shell = new(own.Gateway);

    [Fact]
    public async Task A_small_load_is_measured_and_seen_in_the_snapshot_of_top()
    {
        // Less than the call log takes of models in a second, also where all is warm.
        var measured = await _shell.JsonAsync("bench", "--edge", _gateway.Edge.AbsoluteUri, "--key", _gateway.TenantKey, "--model", "sandbox", "--max-tokens", "2", "--clients", "1", "--time", "200ms");

        var requests = measured.GetProperty("requests").GetInt64();
        Assert.True(requests > 0);
        Assert.Equal(requests, measured.GetProperty("statuses").GetProperty("200").GetInt64());
        var latency = measured.GetProperty("latencyMs");
        Assert.InRange(latency.GetProperty("p50").GetDouble(), 0.001, latency.GetProperty("p99").GetDouble());

        var seen = await Eventually.GetAsync(
            async () => await _shell.JsonAsync("top") is var top && top.GetProperty("traffic").EnumerateArray().Any(row => row.GetProperty("calls").GetInt64() == requests) ? new { Top = top } : null, "the load");
        Assert.Equal("sandbox", seen.Top.GetProperty("traffic")[0].GetProperty("of").GetProperty("model").GetString());
        Assert.Equal("default", seen.Top.GetProperty("spend")[0].GetProperty("of").GetProperty("tenant").GetString());
        Assert.Equal(1, seen.Top.GetProperty("edges").GetArrayLength());
        Assert.Equal(0, seen.Top.GetProperty("behind").GetInt32());
        Assert.Contains("the last minute", await _shell.DoneAsync("top", "--once"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_come_while_somebody_follows_are_shown_once_each()
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var output = new StringWriter();
        var follows = Sluice.Cli.CommandLine.RunAsync(
            ["calls", "--follow", "--status", "404", "--admin-url", _gateway.Sluice.Admin.AbsoluteUri, "--admin-key", _gateway.AdminKey], TextWriter.Synchronized(output), TextWriter.Null, bound.Token);
        using var client = _gateway.Client();
        var path = $"/no-such-{Guid.NewGuid():n}";

        // From when on it follows is not known: one of these comes after that.
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync(path);
                return output.ToString().Contains(path, StringComparison.Ordinal);
            },
            "a call on the screen");

        await bound.CancelAsync();
        Assert.Equal(0, await follows);
        var shown = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(shown.Distinct(StringComparer.Ordinal), shown);
    }

    [Theory]
    [InlineData("--clients must be 1 to 256", "--clients", "0")]
    [InlineData("--time must be a time such as 10s", "--time", "1h")]
    [InlineData("--path must begin with /", "--path", "a")]
    [InlineData("do not go together", "--path", "/a", "--model", "b")]
    public async Task A_load_that_cannot_be_is_not_begun(string said, params string[] arguments) =>
        Assert.Contains(said, await _shell.FailsAsync(2, ["bench", .. arguments]), StringComparison.Ordinal);
}
