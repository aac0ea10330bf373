using System.Net;
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

        Assert.InRange(upstream.Bill.Tokens, Limit * 3 / 4, Limit);
        Assert.Equal((HttpStatusCode.TooManyRequests, "insufficient_quota", 0), (spender.Refusal.Status, spender.Refusal.Code, spender.Broken));
        await fleet.StopEdgesAsync();

        var status = await fleet.Admin.GetAsync("budgets/daily/status");
        Assert.Equal((upstream.Bill.Tokens, 0), (status.GetProperty("posted").GetInt64(), status.GetProperty("leases").GetArrayLength()));
        var usage = await fleet.Admin.UsageAsync("acme", spender.Answered + spender.Refusals);
        Assert.Equal((upstream.Bill.InputTokens, upstream.Bill.OutputTokens), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task An_edge_that_is_killed_amid_its_spending_leaves_no_room_to_overspend_and_what_it_had_borrowed_stays_counted()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        await using var fleet = await StartAsync(upstream);
        var spender = await SpendAsync(fleet, async () =>
        {
            await Eventually.TrueAsync(() => Task.FromResult(upstream.Bill.Tokens > Limit / 3), "a third of the budget is spent");
            await fleet.Edges[0].KillAsync();
        });

        Assert.True(spender.Broken > 0, "the kill met no request");
        Assert.True(upstream.Bill.Tokens <= Limit, $"{upstream.Bill.Tokens} of {Limit} were billed");
        Assert.Equal("insufficient_quota", spender.Refusal.Code);
        Assert.Equal(0, await fleet.Edges[1].StopAsync());

        var status = await fleet.Admin.GetAsync("budgets/daily/status");
        var lost = Assert.Single(status.GetProperty("leases").EnumerateArray());
        var counted = status.GetProperty("posted").GetInt64() + lost.GetProperty("amount").GetInt64();
        Assert.InRange(counted, upstream.Bill.Tokens, Limit);
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
