using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>How addresses are chosen and probed, over HTTP.</summary>
public sealed class BalanceTests(ClassGateway shared) : IClassFixture<ClassGateway>
{
    private const int Subjects = 60;
    private readonly Service _service = new(shared.Gateway);

    [Theory]
    [InlineData("")]
    [InlineData("circuit: { maxRequests: 100 }")]
    public async Task A_subject_keeps_its_address_and_one_that_comes_or_goes_moves_its_own_subjects_alone(string guard)
    {
        await using var a = await Upstream.StartAsync("a");
        await using var b = await Upstream.StartAsync("b");
        await using var c = await Upstream.StartAsync("c");
        await using var d = await Upstream.StartAsync("d");
        var before = await PlacesAsync(guard, a, b, c);
        Assert.Equal(["a", "b", "c"], before.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(before, await PlacesAsync(guard, c, a, b));

        // One of four has a quarter, 15 of 60: six standard deviations of that, and of the ring's own share.
        var more = await PlacesAsync(guard, a, b, c, d);
        var moved = before.Zip(more).Where(pair => !string.Equals(pair.First, pair.Second, StringComparison.Ordinal)).ToList();
        Assert.InRange(moved.Count, 1, 40);
        Assert.All(moved, pair => Assert.Equal("d", pair.Second));

        var less = await PlacesAsync(guard, a, c);
        Assert.All(before.Zip(less), pair => Assert.True(pair.First is "b" ? pair.Second is "a" or "c" : string.Equals(pair.Second, pair.First, StringComparison.Ordinal), $"{pair.First} → {pair.Second}"));
    }

    [Fact]
    public async Task So_many_bad_probes_in_a_row_take_an_address_out_and_so_many_good_ones_bring_it_back()
    {
        var (status, bad, good) = (503, 0, 0);
        await using var probed = await Upstream.StartAsync((http, request) =>
        {
            if (request.Target is "/live")
            {
                http.Response.StatusCode = Volatile.Read(ref status);
                Interlocked.Increment(ref http.Response.StatusCode is 503 ? ref bad : ref good);
            }

            return Task.CompletedTask;
        });
        await using var other = await Upstream.StartAsync("other");
        await _service.ApplyAsync(
            [probed.Address, other.Address],
            "loadBalancing: roundRobin\nhealth: { active: { path: /live, interval: 100ms, unhealthy: 3, healthy: 4, host: orders.test, headers: { x-probe: edge } } }");

        await Eventually.TrueAsync(async () => !await IsAskedAsync(probed), "who answers 503 gets no requests");
        Assert.InRange(Volatile.Read(ref bad), 3, int.MaxValue);
        Assert.All(probed.Requests.Where(IsProbe), r => Assert.Equal(("orders.test", "edge"), (r.Headers["Host"], r.Headers["x-probe"])));

        Volatile.Write(ref status, 204);
        await Eventually.TrueAsync(() => IsAskedAsync(probed), "who answers 204 gets requests again");
        Assert.InRange(Volatile.Read(ref good), 4, int.MaxValue);
    }

    private static bool IsProbe(ReceivedRequest request) => request.Target is "/live";

    // Whether one of four requests that take turns comes there.
    private async Task<bool> IsAskedAsync(Upstream upstream)
    {
        var before = upstream.Requests.Count(r => !IsProbe(r));
        for (var i = 0; i < 4; i++)
        {
            using var answer = await _service.SendAsync();
        }

        return upstream.Requests.Count(r => !IsProbe(r)) > before;
    }

    private async Task<string[]> PlacesAsync(string guard, params Upstream[] upstreams)
    {
        await _service.ApplyAsync(upstreams.Select(upstream => upstream.Address), $"loadBalancing: hash\nhash: {{ by: header, name: x-subject }}\n{guard}");
        var places = new string[Subjects];
        for (var i = 0; i < Subjects; i++)
        {
            using var answer = await _service.SendAsync(subject: $"subject-{i}");
            places[i] = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        return places;
    }
}
