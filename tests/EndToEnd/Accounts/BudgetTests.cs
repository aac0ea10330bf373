using System.Globalization;
using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Budgets under many clients at once, by the bill of the provider: what it billed never exceeds a hard budget, and the ledger tells the same sum.</summary>
public sealed class BudgetTests(SharedGateway shared)
{
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(5);
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _tenant = $"t{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_hard_budget_of_tokens_is_never_overspent_and_refuses_with_what_is_left_and_when_it_resets()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        var spender = await SpendAsync(upstream, "amount: { tokens: 20000 }");

        Assert.InRange(upstream.Bill.Tokens, 19_000, 20_000);
        Assert.Equal((HttpStatusCode.TooManyRequests, "insufficient_quota"), (spender.Refusal.Status, spender.Refusal.Code));
        Assert.Matches(
            $@"\ABudget '{_tenant}' of tenant/{_tenant}: \d+ tokens of 20000 tokens can still be had, the request may need \d+ tokens\. It resets at \d{{4}}-\d\d-01T00:00:00Z\.\z",
            spender.Refusal.Message);
        Assert.True(spender.Refusal.RetryAfter > TimeSpan.Zero);
        var usage = await LedgerAsync(spender);
        Assert.Equal((upstream.Bill.InputTokens, upstream.Bill.OutputTokens), (usage.InputTokens, usage.OutputTokens));
        await StatusIsAsync(upstream.Bill.Tokens);
    }

    [Fact]
    public async Task A_hard_budget_of_money_is_never_overspent_and_the_ledger_tells_the_bill_to_the_last_nano()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        var spender = await SpendAsync(upstream, """amount: { money: "0.02 USD" }""");

        Assert.InRange(upstream.Bill.Nano, 19_000_000, 20_000_000);
        Assert.Contains("USD of 0.02 USD can still be had", spender.Refusal.Message, StringComparison.Ordinal);
        var usage = await LedgerAsync(spender);
        Assert.Equal(upstream.Bill.Nano, decimal.Parse(usage.Cost, CultureInfo.InvariantCulture) * 1_000_000_000m);
        await StatusIsAsync(upstream.Bill.Nano);
    }

    [Fact]
    public async Task A_hard_budget_of_requests_lets_through_as_many_as_it_says()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        var spender = await SpendAsync(upstream, "amount: { requests: 60 }");

        Assert.Equal((60, 60), (upstream.Bill.Requests, spender.Answered));
        Assert.Contains("0 requests of 60 requests can still be had", spender.Refusal.Message, StringComparison.Ordinal);
        await StatusIsAsync(60);
    }

    [Fact]
    public async Task A_soft_budget_counts_all_and_refuses_nobody()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        var spender = await SpendAsync(upstream, "amount: { tokens: 500 }\nmode: soft", enough: 100);

        Assert.Equal((0, 0), (spender.Refusals, spender.Broken));
        Assert.True(upstream.Bill.Tokens > 500);
        await StatusIsAsync(upstream.Bill.Tokens);
    }

    [Fact]
    public async Task No_more_requests_reach_the_provider_at_one_time_than_a_limit_says()
    {
        await using var upstream = await BillingUpstream.StartAsync(Takes);
        await _gateway.ApplyAsync($$"""
            {{upstream.Model}}
            ---
            kind: Limit
            name: {{_tenant}}
            subject: tenant/{{_tenant}}
            concurrent: 3
            """);
        var spender = await SpendAsync(enough: 100);

        Assert.Equal(3, upstream.MostAtOnce);
        Assert.True(spender.Refusals > 0);
        Assert.Equal(upstream.Bill.Requests, spender.Answered);
    }

    private async Task<Spender> SpendAsync(BillingUpstream upstream, string budget, int enough = int.MaxValue)
    {
        await _gateway.ApplyAsync($$"""
            {{upstream.Model}}
            ---
            kind: Budget
            name: {{_tenant}}
            subject: tenant/{{_tenant}}
            {{budget}}
            window: { every: month }
            """);
        return await SpendAsync(enough);
    }

    private async Task<Spender> SpendAsync(int enough)
    {
        var (_, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        var clients = Enumerable.Range(0, 16).Select(_ => _gateway.Client(key)).ToArray();
        var spender = new Spender();
        await spender.SpendAsync(clients, enough);
        foreach (var client in clients)
        {
            client.Dispose();
        }

        Assert.Equal(0, spender.Broken);
        return spender;
    }

    private Task<UsageTotal> LedgerAsync(Spender spender) => _gateway.Admin.UsageAsync(_tenant, spender.Answered + spender.Refusals);

    // What the edge has spent of its lease comes with its next report.
    private Task StatusIsAsync(long spent) => Eventually.TrueAsync(
        async () =>
        {
            var status = await _gateway.Admin.GetAsync($"budgets/{_tenant}/status");
            return spent == status.GetProperty("posted").GetInt64() + status.GetProperty("leases").EnumerateArray().Sum(l => l.GetProperty("spent").GetInt64());
        },
        $"the budget's posted and spent sum is {spent}");
}
