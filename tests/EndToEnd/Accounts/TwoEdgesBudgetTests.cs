using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>One budget spent by two edges, each a process of its own, by the bill of the provider.</summary>
public sealed class TwoEdgesBudgetTests
{
    private const long Limit = 30_000;
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(5);

    [Fact]
    public async Task Two_edges_never_overspend_a_budget_and_all_that_they_spent_is_posted_when_they_ended()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        await using var fleet = await StartAsync(upstream);
        var spender = await SpendAsync(fleet, static () => Task.CompletedTask);

        // What one edge holds unused is recalled for the other, so that little is left.
        Assert.InRange(upstream.Bill.Tokens, Limit * 95 / 100, Limit);
        Assert.Equal((HttpStatusCode.TooManyRequests, "insufficient_quota", 0), (spender.Refusal.Status, spender.Refusal.Code, spender.Broken));
        await fleet.StopEdgesAsync();

        var status = await fleet.Admin.GetAsync("budgets/daily/status");
        Assert.Equal((upstream.Bill.Tokens, 0), (status.GetProperty("posted").GetInt64(), status.GetProperty("leases").GetArrayLength()));
        var usage = await fleet.Admin.UsageAsync("acme", spender.Answered + spender.Refusals);
        Assert.Equal((upstream.Bill.InputTokens, upstream.Bill.OutputTokens), (usage.InputTokens, usage.OutputTokens));
        var records = await LedgerRecord.ReadAsync(fleet.Admin, "acme");
        Assert.All(records, record => Assert.Equal("reported", record.Source));
        Ledger.Matches(upstream.Calls, records);
        Assert.True((await fleet.Admin.GetAsync("budgets/daily/check")).GetProperty("proven").GetBoolean());
    }

    [Fact]
    public async Task An_edge_that_is_killed_amid_its_spending_leaves_no_room_to_overspend_and_what_it_had_borrowed_stays_counted()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        await using var fleet = await StartAsync(upstream);
        var spender = await SpendAmidAKillAsync(fleet, upstream);
        Assert.Equal("insufficient_quota", spender.Refusal.Code);
        Assert.Equal(0, await fleet.Edges[1].StopAsync());

        var lost = await InDoubtAsync(fleet);
        var posted = (await fleet.Admin.GetAsync("budgets/daily/status")).GetProperty("posted").GetInt64();
        Assert.InRange(posted + lost.GetProperty("amount").GetInt64(), upstream.Bill.Tokens, Limit);

        // The operator knows the provider's bill.
        var spent = upstream.Bill.Tokens - posted;
        var resolved = await fleet.Admin.PostAsync("budgets/daily/resolve", new { lease = lost.GetProperty("edge").GetString(), window = lost.GetProperty("window").GetInt64(), spent });
        Assert.Equal(spent, resolved.GetProperty("spent").GetInt64());
        var status = await fleet.Admin.GetAsync("budgets/daily/status");
        Assert.Equal((upstream.Bill.Tokens, 0), (status.GetProperty("posted").GetInt64(), status.GetProperty("leases").GetArrayLength()));
    }

    [Fact]
    public async Task The_next_start_of_an_edge_that_was_killed_amid_its_spending_tells_what_it_spent_and_each_billed_call_has_one_record()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        await using var fleet = await StartAsync(upstream);
        var spender = await SpendAmidAKillAsync(fleet, upstream);
        Assert.Equal(0, await fleet.Edges[1].StopAsync());

        // Its next start tells from the journal what the lost one had begun and settled.
        await fleet.StartEdgeAgainAsync(0);
        await Eventually.TrueAsync(
            async () => (await fleet.Admin.GetAsync("budgets/daily/status")).GetProperty("leases").GetArrayLength() == 0, "the lease of the lost edge is closed");
        Assert.Equal(0, await fleet.Edges[0].StopAsync());
        var records = await LedgerRecord.ReadAsync(fleet.Admin, "acme");
        Ledger.Matches(upstream.Calls, records);
        var check = await fleet.Admin.GetAsync("budgets/daily/check");
        Assert.True(check.GetProperty("proven").GetBoolean(), $"{check}");
        var status = await fleet.Admin.GetAsync("budgets/daily/status");
        Assert.Equal(records.Sum(record => record.Tokens), status.GetProperty("posted").GetInt64());
        Assert.InRange(status.GetProperty("posted").GetInt64(), upstream.Bill.Tokens, Limit);
    }

    // A lost edge is known as lost when its own lease with the fleet has ended.
    private static async Task<JsonElement> InDoubtAsync(Fleet fleet)
    {
        JsonElement lost = default;
        await Eventually.TrueAsync(
            async () =>
            {
                lost = Assert.Single((await fleet.Admin.GetAsync("budgets/daily/status")).GetProperty("leases").EnumerateArray());
                return lost.GetProperty("inDoubt").GetBoolean();
            },
            "the lease is listed as in doubt");
        return lost;
    }

    private static async Task<Fleet> StartAsync(BillingUpstream upstream)
    {
        var fleet = await Fleet.StartAsync(edges: 2);
        await fleet.ApplyAsync($$"""
            {{upstream.Model}}
            ---
            kind: Budget
            name: daily
            subject: tenant/acme
            amount: { tokens: {{Limit}} }
            window: { every: month }
            """);
        return fleet;
    }

    // One of the edges is killed once a third is spent.
    private static async Task<Spender> SpendAmidAKillAsync(Fleet fleet, BillingUpstream upstream)
    {
        var spender = await SpendAsync(fleet, async () =>
        {
            await Eventually.TrueAsync(() => Task.FromResult(upstream.Bill.Tokens > Limit / 3), "a third of the budget is spent");
            await fleet.Edges[0].KillAsync();
        });

        Assert.True(spender.Broken > 0, "the kill met no request");
        Assert.True(upstream.Bill.Tokens <= Limit, $"{upstream.Bill.Tokens} of {Limit} were billed");
        return spender;
    }

    private static async Task<Spender> SpendAsync(Fleet fleet, Func<Task> meanwhile)
    {
        var (_, key) = await fleet.Admin.CreateTenantAsync("acme");
        var clients = Enumerable.Range(0, 16).Select(i => Fleet.Client(fleet.Edges[i % 2], key)).ToArray();
        var spender = new Spender();
        await Task.WhenAll(spender.SpendAsync(clients), meanwhile());
        foreach (var client in clients)
        {
            client.Dispose();
        }

        return spender;
    }
}
