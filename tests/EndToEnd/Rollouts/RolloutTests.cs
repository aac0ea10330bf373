using System.Net;
using System.Text.Json;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Rollouts;

/// <summary>Progressive change on a running gateway: real upstreams, under load.</summary>
public sealed class RolloutTests(SharedGateway shared)
{
    private static readonly object[] Quick = [new { share = 2_000, hold = "2s" }, new { share = 5_000, hold = "2s" }, new { share = 10_000 }];
    private static readonly object[] Long = [new { share = 2_000, hold = "10m" }, new { share = 5_000, hold = "10m" }, new { share = 10_000 }];

    [Fact]
    public async Task A_new_version_of_which_a_fifth_fails_is_rolled_back_by_itself_to_the_weights_of_before()
    {
        await using var shop = await Shop.OpenAsync(shared.Gateway, "failing", everyFails: 5);
        await using var load = ShopLoad.Start(shared.Gateway, shop.Path);

        await shop.StartAsync(Long);
        var watch = await new Shell(shared.Gateway).RunAsync(["rollout", "watch", "failing"]);
        var ended = await shop.ReachesAsync("rolled-back");
        var answers = await load.EndAsync();

        Assert.Equal(1, watch.Code);
        Assert.Contains("guard errorRate failed", watch.Output, StringComparison.Ordinal);
        Assert.Equal((3, 0), await shop.WeightsAsync());
        Assert.All(answers, a => Assert.True(a.Status == HttpStatusCode.OK || (a.Status == HttpStatusCode.InternalServerError && a.Body is "new"), $"{a}: only the new version fails"));
        Assert.Contains(ended.GetProperty("history").EnumerateArray(), e => e.GetProperty("what").GetString() is "rolling-back" && e.GetProperty("why").GetString()!.Contains("guard errorRate failed at step 1", StringComparison.Ordinal));
        var back = ended.GetProperty("history").EnumerateArray().Last().GetProperty("revision").GetInt64();
        Assert.DoesNotContain(answers, a => a.Revision >= back && a.Body is not "old");
        var revision = await shared.Gateway.Admin.GetAsync($"revisions/{back}");
        Assert.Contains("rollout failing: the weights of before: guard errorRate failed", revision.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_good_version_goes_through_all_steps_and_no_request_fails()
    {
        await using var shop = await Shop.OpenAsync(shared.Gateway, "good");
        await using var load = ShopLoad.Start(shared.Gateway, shop.Path);

        var started = await shop.StartAsync(Quick, guards: new { errorRate = new { worse = 0.01 }, latency = new { quantile = 0.95, ratio = 50 }, refusals = new { worse = 0.05 } });
        var ended = await shop.ReachesAsync("completed");
        var answers = await load.EndAsync();

        Assert.Equal("running", started.GetProperty("state").GetString());
        Assert.Equal((0, 10_000), await shop.WeightsAsync());
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        var steps = ended.GetProperty("history").EnumerateArray().Where(e => e.GetProperty("what").GetString() is "step").Select(e => e.GetProperty("revision").GetInt64()).ToArray();
        Assert.Equal(3, steps.Length);
        Assert.Equal(steps.Order(), steps);

        // A user who came to the new version stays on it, so the share only ever grows.
        var shares = new[] { (From: 0L, To: steps[0]), (From: steps[0], To: steps[1]), (From: steps[1], To: steps[2]), (From: steps[2], To: long.MaxValue) }
            .Select(s => answers.Where(a => a.Revision >= s.From && a.Revision < s.To).Select(a => a.Body is "new" ? 1.0 : 0).DefaultIfEmpty(-1).Average()).ToArray();
        Assert.Equal(0, shares[0]);
        Assert.InRange(shares[1], 0.1, 0.3);
        Assert.InRange(shares[2], 0.4, 0.6);
        Assert.True(shares[3] is 1 or -1);
        var cli = new Shell(shared.Gateway);
        Assert.Contains("completed", await cli.DoneAsync("rollout", "get", "good"), StringComparison.Ordinal);
        Assert.Contains("step 3 of 3", await cli.DoneAsync("rollout", "watch", "good"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_paused_resumed_promoted_and_aborted_by_command()
    {
        var cli = new Shell(shared.Gateway);
        await using var shop = await Shop.OpenAsync(shared.Gateway, "steered");
        var plan = await cli.DoneAsync("rollout", "start", "--route", "steered", "--from", "steered-old", "--to", "steered-new", "--step", "1%:10m", "--step", "100%", "--dry-run");
        Assert.Matches(@"now +steered-old 3, steered-new 0 *\n *1 +1% +10m +steered-old 9900, steered-new 100 *\n *2 +100%", plan.Replace("\r", "", StringComparison.Ordinal));
        Assert.Contains("~ Route/steered", plan, StringComparison.Ordinal);
        Assert.Contains("no rollout", await cli.FailsAsync(1, "rollout", "get", "steered"), StringComparison.Ordinal);
        await cli.DoneAsync("rollout", "start", "steered", "--route", "steered", "--from", "steered-old", "--to", "steered-new", "--step", "1%:10m", "--step", "50%:10m", "--step", "100%:10m", "--error-rate", "0.01");
        await shop.ReachesAsync("running", step: 1);
        Assert.Equal((9_900, 100), await shop.WeightsAsync());

        await cli.DoneAsync("rollout", "pause", "steered");
        Assert.Contains("paused", await cli.FailsAsync(1, "rollout", "pause", "steered"), StringComparison.Ordinal);
        await cli.DoneAsync("rollout", "resume", "steered");
        await cli.DoneAsync("rollout", "promote", "steered");
        await shop.ReachesAsync("running", step: 2);
        Assert.Equal((5_000, 5_000), await shop.WeightsAsync());
        Assert.Contains("steered", await cli.DoneAsync("rollout", "list"), StringComparison.Ordinal);

        await cli.DoneAsync("rollout", "abort", "steered");
        await shop.ReachesAsync("aborted");
        Assert.Equal((3, 0), await shop.WeightsAsync());
        Assert.Contains("ended", await cli.FailsAsync(1, "rollout", "abort", "steered"), StringComparison.Ordinal);
        Assert.Contains("no rollout", await cli.FailsAsync(1, "rollout", "get", "nothing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_ones_change_of_the_split_stops_it_and_is_left_alone()
    {
        await using var shop = await Shop.OpenAsync(shared.Gateway, "moved");
        await shop.StartAsync(Long);
        await shop.ReachesAsync("running", step: 1);

        // What is not the split is anybody's to change.
        var route = JsonSerializer.Deserialize<Dictionary<string, object>>(await shared.Gateway.Admin.GetAsync("routes/moved"))!;
        route["match"] = new { path = "/moved", methods = new[] { "GET" } };
        await PutAsync(route);
        await shop.SteerAsync("promote");
        await shop.ReachesAsync("running", step: 2);
        Assert.Contains("methods", (await shared.Gateway.Admin.GetAsync("routes/moved")).ToString(), StringComparison.Ordinal);

        route["split"] = new[] { new { upstream = "moved-old", weight = 7 }, new { upstream = "moved-new", weight = 3 } };
        await PutAsync(route);
        var stopped = await shop.ReachesAsync("stopped");

        Assert.Equal((7, 3), await shop.WeightsAsync());
        Assert.Contains("changed by somebody else", stopped.GetProperty("history").EnumerateArray().Last().GetProperty("why").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_one_moves_a_split_at_once_and_what_is_wrong_is_named()
    {
        await using var shop = await Shop.OpenAsync(shared.Gateway, "single");
        await shop.StartAsync(Long);

        var (busy, problem) = await PostAsync("""{"name":"second","route":"single","from":"single-old","to":"single-new","steps":[{"share":10000}]}""");
        Assert.Equal((HttpStatusCode.Conflict, "urn:sluice:problem:rollout-runs"), (busy, problem.GetProperty("type").GetString()));
        var (again, _) = await PostAsync("""{"name":"single","route":"single","from":"single-old","to":"single-new","steps":[{"share":10000}]}""");
        Assert.Equal(HttpStatusCode.Conflict, again);

        var (wrong, errors) = await PostAsync("""{"route":"single","model":"x","from":"a","to":"a","steps":[{"share":500},{"share":400,"hold":"soon"}],"guards":{"errorRate":{"worse":2},"latency":{"ratio":1.2}},"alfa":0.1}""");
        Assert.Equal(HttpStatusCode.BadRequest, wrong);
        Assert.Equal(
            ["alfa", "guards.errorRate.worse", "guards.latency.quantile", "route", "steps[1].hold", "steps[1].share", "to"],
            errors.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("path").GetString()).Order(StringComparer.Ordinal));
        var (missing, named) = await PostAsync("""{"route":"nowhere","from":"a","to":"b","steps":[{"share":500}]}""");
        Assert.Equal((HttpStatusCode.BadRequest, "route"), (missing, named.GetProperty("errors")[0].GetProperty("path").GetString()));
        await shop.SteerAsync("abort");
    }

    [Fact]
    public async Task A_model_moves_from_one_target_to_another_and_its_cost_and_usage_are_counted()
    {
        var gateway = shared.Gateway;
        await gateway.ApplyAsync("""
            kind: Provider
            name: moving
            dialect: sandbox
            ---
            kind: Model
            name: moving
            targets: [{ provider: moving, model: one }, { provider: moving, model: two, weight: 0 }]
            price: { input: 1 USD, output: 2 USD }
            """);
        await gateway.Admin.PostAsync("rollouts", new
        {
            name = "moving", model = "moving", from = "moving/one", to = "moving/two", steps = new object[] { new { share = 5_000, hold = "10m" }, new { share = 10_000 } },
            guards = new { errorRate = new { worse = 0.01 }, cost = new { ratio = 1.5 }, missingUsage = new { worse = 0.01 } }, minimumRequests = 10,
        });
        using var client = gateway.Client();
        JsonElement rollout = default;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"moving","messages":[{"role":"user","content":"Hello"}]}"""));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                rollout = await gateway.Admin.GetAsync("rollouts/moving");
                return rollout.GetProperty("old").GetProperty("requests").GetInt64() > 5 && rollout.GetProperty("new").GetProperty("requests").GetInt64() > 5;
            },
            "both targets are counted");

        Assert.Equal((0, 0), (rollout.GetProperty("new").GetProperty("failures").GetInt64(), rollout.GetProperty("new").GetProperty("missingUsage").GetInt64()));
        Assert.Equal(rollout.GetProperty("old").GetProperty("meanCost").GetString(), rollout.GetProperty("new").GetProperty("meanCost").GetString());
        await gateway.Admin.PostAsync("rollouts/moving/promote?all=true");
        await Eventually.TrueAsync(async () => (await gateway.Admin.GetAsync("rollouts/moving")).GetProperty("state").GetString() is "completed", "the rollout is complete");
        Assert.Contains("\"weight\":0", (await gateway.Admin.GetAsync("models/moving")).ToString().Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kill_amid_a_rollout_and_a_restart_lets_it_go_on()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        await using var shop = await Shop.OpenAsync(gateway, "killed");
        await shop.StartAsync(Quick, minimum: 50);
        await shop.ReachesAsync("running", step: 1);

        await gateway.Process.KillAsync();
        await gateway.StartAgainAsync();
        await using (var load = ShopLoad.Start(gateway, shop.Path))
        {
            await shop.ReachesAsync("completed");
            Assert.All(await load.EndAsync(), a => Assert.Equal(HttpStatusCode.OK, a.Status));
        }

        Assert.Equal((0, 10_000), await shop.WeightsAsync());
        var history = (await shop.GetAsync()).GetProperty("history").EnumerateArray().ToArray();
        Assert.Equal(3, history.Count(e => e.GetProperty("what").GetString() is "step"));

        // Each step is one revision, however often it was tried.
        var reasons = (await gateway.Admin.GetAsync("revisions")).GetProperty("items").EnumerateArray().Count(r => r.ToString().Contains("rollout killed: step", StringComparison.Ordinal));
        Assert.Equal(3, reasons);
    }

    private async Task PutAsync(Dictionary<string, object> route)
    {
        var (status, answer) = await shared.Gateway.Admin.SendAsync(HttpMethod.Put, "routes/moved", JsonSerializer.Serialize(route));
        Assert.True(status is HttpStatusCode.OK, answer.ToString());
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string body) => shared.Gateway.Admin.SendAsync(HttpMethod.Post, "rollouts", body);
}
