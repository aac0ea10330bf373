using System.Globalization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos;

/// <summary>What rests after the process was killed while changes were applied.</summary>
public sealed class KilledAmidAppliesTests
{
    private const int Rounds = 3;

    [Fact]
    public async Task The_history_is_whole_and_the_active_revision_is_the_last_that_was_acknowledged_or_the_one_on_its_way()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var gateway = await Gateway.StartProcessAsync();
        var version = 0;
        var acknowledged = (await gateway.Admin.GetAsync("revisions")).GetProperty("active").GetInt64();
        for (var round = 0; round < Rounds; round++)
        {
            var killAt = version + random.Next(3, 40);
            var applying = Task.Run(async () =>
            {
                try
                {
                    while (true)
                    {
                        acknowledged = await gateway.Admin.ApplyAsync(Bundle(++version));
                    }
                }
                catch (HttpRequestException)
                {
                    // The process was killed while it answered, or before.
                }
            });
            await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref version) >= killAt), "some changes were applied", TimeSpan.FromSeconds(60));
            await gateway.Process.KillAsync();
            await applying;
            await gateway.StartAgainAsync();

            var revisions = (await gateway.Admin.GetAsync("revisions?limit=1000")).GetProperty("items").EnumerateArray().Select(r => r.GetProperty("revision").GetInt64()).ToList();
            Assert.True(revisions[0] == acknowledged || revisions[0] == acknowledged + 1, $"seed {seed}: acknowledged {acknowledged}, active {revisions[0]}");
            Assert.Equal(Enumerable.Range(1, (int)revisions[0]).Select(n => (long)n).Reverse(), revisions);
            foreach (var revision in revisions)
            {
                var body = await gateway.Admin.GetAsync(string.Create(CultureInfo.InvariantCulture, $"revisions/{revision}"));
                Assert.NotEqual(0, body.GetProperty("resources").GetArrayLength());
            }

            acknowledged = revisions[0];
            using var client = gateway.Client();
            Assert.Contains("sandbox", await client.GetStringAsync("/v1/models"), StringComparison.Ordinal);
        }
    }

    private static string Bundle(int version) => string.Create(CultureInfo.InvariantCulture, $$"""
        kind: Upstream
        name: changing
        addresses: ["http://127.0.0.1:{{1000 + version}}"]
        """);
}
