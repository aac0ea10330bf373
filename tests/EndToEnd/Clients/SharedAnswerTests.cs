using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Requests for the same of a model with a cache, at the same time or while its provider fails.</summary>
public sealed class SharedAnswerTests(SharedGateway shared)
{
    private CancellationToken Ended => TestContext.Current.CancellationToken;

    private Gateway Gateway => shared.Gateway;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_for_the_same_at_the_same_time_are_one_paid_call_and_hits(bool stream)
    {
        await using var model = await CachedModel.StartAsync(Gateway, more: """
            ---
            kind: Budget
            name: NAME
            subject: tenant/NAME
            amount: { requests: 4 }
            window: { every: month }
            """);
        var asking = Enumerable.Range(0, 6).Select(i => model.AskAsync("wait", stream && i % 2 == 0)).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(model.Asked > 0), "the provider is asked");
        model.Open();
        var answers = await Task.WhenAll(asking);

        Assert.Equal(1, model.Asked);
        Assert.Equal((4, 2), (answers.Count(a => a.StatusCode is HttpStatusCode.OK), answers.Count(a => a.StatusCode is HttpStatusCode.TooManyRequests)));
        var good = answers.Where(a => a.StatusCode is HttpStatusCode.OK).ToList();
        Assert.Single(good, a => CachedModel.Status(a) is "sluice; fwd=miss");
        Assert.All(good, a => Assert.Matches("^sluice; (fwd=miss(; collapsed)?|hit; ttl=[0-9]+)$", CachedModel.Status(a)));
        foreach (var answer in good)
        {
            Assert.Contains("wer 1", await answer.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        }

        // Those who were refused have records too.
        Assert.Equal("0.002", (await Gateway.Admin.UsageAsync(model.Name, 6)).Cost);
        var total = (await Gateway.Admin.GetAsync($"tenants/{model.Name}/usage")).GetProperty("total");
        Assert.Equal((3, "0.006"), (total.GetProperty("cachedAnswers").GetInt32(), total.GetProperty("saved").GetString()));
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Where_the_client_that_is_waited_for_leaves_one_of_the_others_asks_for_all()
    {
        await using var model = await CachedModel.StartAsync(Gateway);
        using var leaves = new CancellationTokenSource();
        var leaving = model.AskAsync("wait", leaves: leaves.Token);
        await Eventually.TrueAsync(() => Task.FromResult(model.Asked == 1), "the provider is asked");
        var staying = Enumerable.Range(0, 3).Select(_ => model.AskAsync("wait")).ToList();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await Eventually.TrueAsync(() => Task.FromResult(model.Asked == 2), "one of the others asks");
        model.Open();

        foreach (var answer in await Task.WhenAll(staying))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }

        Assert.Equal(2, model.Asked);
    }

    [Theory]
    [InlineData("wait fail", HttpStatusCode.BadRequest)]
    [InlineData("wait filter", HttpStatusCode.OK)]
    public async Task Where_nothing_is_kept_of_the_one_that_is_waited_for_each_asks_for_himself(string text, HttpStatusCode status)
    {
        await using var model = await CachedModel.StartAsync(Gateway);
        var asking = new[] { model.AskAsync(text), model.AskAsync(text) };
        await Eventually.TrueAsync(() => Task.FromResult(model.Asked > 0), "the provider is asked");
        model.Open();

        foreach (var answer in await Task.WhenAll(asking))
        {
            Assert.Equal((status, "sluice; fwd=miss"), (answer.StatusCode, CachedModel.Status(answer)));
            answer.Dispose();
        }

        Assert.Equal(2, model.Asked);
    }

    [Fact]
    public async Task Nobody_waits_for_another_tenant_nor_where_the_cache_says_so()
    {
        await using var model = await CachedModel.StartAsync(Gateway);
        var (_, theirs) = await Gateway.Admin.CreateTenantAsync($"{model.Name}b");
        await using var hasty = await CachedModel.StartAsync(Gateway, "age: 1h\nwaitForSame: 0s");
        var asking = new[] { model.AskAsync("wait"), model.AskAsync("wait", key: theirs), hasty.AskAsync("wait"), hasty.AskAsync("wait") };

        await Eventually.TrueAsync(() => Task.FromResult((model.Asked, hasty.Asked) is (2, 2)), "each is asked for, though none was answered");
        model.Open();
        hasty.Open();
        foreach (var answer in await Task.WhenAll(asking))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }
    }

    [Fact]
    public async Task A_stale_answer_is_given_where_the_provider_fails_and_not_else()
    {
        await using var model = await CachedModel.StartAsync(Gateway, "age: 1s\nstaleIfError: 1h");
        using (await model.AskAsync("hello"))
        {
            await CachedModel.KeptAsync(() => model.AskAsync("hello", control: "only-if-cached"));
        }

        await Eventually.TrueAsync(
            async () =>
            {
                using var kept = await model.AskAsync("hello", control: "only-if-cached");
                return kept.StatusCode is HttpStatusCode.GatewayTimeout;
            },
            "the answer is stale");
        model.Failure = 529;
        using var whole = await model.AskAsync("hello");
        using var events = await model.AskAsync("hello", stream: true);
        Assert.Equal(["sluice; fwd=stale; fwd-status=529", "sluice; fwd=stale; fwd-status=529"], new[] { whole, events }.Select(CachedModel.Status));
        Assert.Contains("answer 1", await whole.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", await events.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        Assert.Equal(("0", true), (whole.Headers.GetValues("sluice-cost").Single(), whole.Headers.Age >= TimeSpan.FromSeconds(1)));
        Assert.Equal(3, model.Asked);

        using var fresh = await model.AskAsync("hello", control: "no-cache");
        using var other = await model.AskAsync("another");
        Assert.Equal([(HttpStatusCode)529, (HttpStatusCode)529], new[] { fresh, other }.Select(a => a.StatusCode));
        model.Failure = 400;
        using var wrong = await model.AskAsync("hello");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        model.Failure = 401;
        using var refused = await model.AskAsync("hello");
        Assert.Equal((HttpStatusCode.Unauthorized, "sluice; fwd=stale"), (refused.StatusCode, CachedModel.Status(refused)));

        await model.DisposeAsync();
        using var gone = await model.AskAsync("hello");
        Assert.Equal((HttpStatusCode.OK, "sluice; fwd=stale; fwd-status=502"), (gone.StatusCode, CachedModel.Status(gone)));
        Assert.Equal("0.002", (await Gateway.Admin.UsageAsync(model.Name, 8)).Cost);
    }
}
