using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Answers of models that name a cache: given again, counted, told apart, and forgotten.</summary>
public sealed class ModelCachingTests(SharedGateway shared)
{
    private CancellationToken Ended => TestContext.Current.CancellationToken;

    private Gateway Gateway => shared.Gateway;

    [Fact]
    public async Task A_kept_answer_costs_nothing_and_usage_and_records_tell_what_it_saved()
    {
        await using var model = await CachedModel.StartAsync(Gateway);
        using var first = await model.AskAsync("hello");
        await CachedModel.KeptAsync(() => model.AskAsync("hello", control: "only-if-cached"));
        using var again = await model.AskAsync("hello");

        Assert.Equal("sluice; fwd=miss", CachedModel.Status(first));
        Assert.Matches("^sluice; hit; ttl=3[56][0-9][0-9]$", CachedModel.Status(again));
        Assert.NotNull(again.Headers.Age);
        Assert.Equal(await first.Content.ReadAsStringAsync(Ended), await again.Content.ReadAsStringAsync(Ended));
        Assert.Equal(("0.002", "0"), (first.Headers.GetValues("sluice-cost").Single(), again.Headers.GetValues("sluice-cost").Single()));
        Assert.Equal($"{model.Name}", again.Headers.GetValues("sluice-provider").Single());
        Assert.Equal(1, model.Asked);

        await Gateway.Admin.UsageAsync(model.Name, 3);
        var usage = await Gateway.Admin.GetAsync($"tenants/{model.Name}/usage?by=source");
        var total = usage.GetProperty("total");
        Assert.Equal(("0.002", 2, 3000, "0.004"), (total.GetProperty("cost").GetString(), total.GetProperty("cachedAnswers").GetInt32(), total.GetProperty("savedTokens").GetInt32(), total.GetProperty("saved").GetString()));
        Assert.Equal(1500, total.GetProperty("inputTokens").GetInt32() + total.GetProperty("outputTokens").GetInt32());
        Assert.Equal([("reported", 1), ("cached", 2)], usage.GetProperty("rows").EnumerateArray().Select(row => (row.GetProperty("source").GetString()!, row.GetProperty("requests").GetInt32())));
        var attempt = Assert.Single((await Gateway.Admin.GetAsync($"calls/{again.Headers.GetValues("sluice-request-id").Single()}")).GetProperty("attempts").EnumerateArray());
        Assert.Equal(("cached", 1500, "0.002"), (attempt.GetProperty("source").GetString(), attempt.GetProperty("savedTokens").GetInt32(), attempt.GetProperty("saved").GetString()));
    }

    [Fact]
    public async Task A_stream_and_a_whole_answer_stand_for_each_other_in_every_dialect()
    {
        await using var model = await CachedModel.StartAsync(Gateway);
        using (await model.AskAsync("whole"))
        {
            await CachedModel.KeptAsync(() => model.AskAsync("whole", control: "only-if-cached"));
        }

        using var events = await model.AskAsync("whole", stream: true);
        var told = await events.Content.ReadAsStringAsync(Ended);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"content\":\"answer 1\"", told, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", told, StringComparison.Ordinal);
        Assert.DoesNotContain("\"usage\"", told, StringComparison.Ordinal);

        using (await model.MessageAsync("stream", stream: true))
        {
            await CachedModel.KeptAsync(() => model.MessageAsync("stream", control: "only-if-cached"));
        }

        using var whole = await model.MessageAsync("stream");
        using var said = JsonDocument.Parse(await whole.Content.ReadAsStringAsync(Ended));
        Assert.Equal(("answer 2", "end_turn"), (said.RootElement.GetProperty("content")[0].GetProperty("text").GetString(), said.RootElement.GetProperty("stop_reason").GetString()));
        using var message = await model.MessageAsync("stream", stream: true);
        Assert.EndsWith("data: {\"type\":\"message_stop\"}\n\n", await message.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        Assert.StartsWith("sluice; hit", CachedModel.Status(message), StringComparison.Ordinal);
        Assert.Equal(2, model.Asked);
    }

    [Fact]
    public async Task Nothing_is_given_to_another_tenant_nor_to_who_does_not_want_it_nor_after_a_purge()
    {
        await using var model = await CachedModel.StartAsync(Gateway);
        var (_, theirs) = await Gateway.Admin.CreateTenantAsync($"{model.Name}b");
        using (await model.AskAsync("hello"))
        {
            await CachedModel.KeptAsync(() => model.AskAsync("hello", control: "only-if-cached"));
        }

        using var other = await model.AskAsync("hello", key: theirs);
        using var unkept = await model.AskAsync("hello", control: "no-store");
        using var fresh = await model.AskAsync("hello", control: "no-cache");
        Assert.Equal(["sluice; fwd=miss", "sluice; fwd=request", "sluice; fwd=request"], new[] { other, unkept, fresh }.Select(CachedModel.Status));
        Assert.Equal(4, model.Asked);

        await Gateway.Admin.PostAsync($"caches/{model.Name}/purge", new { model = "another" });
        using (var kept = await model.AskAsync("hello", control: "only-if-cached"))
        {
            Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        }

        await Gateway.Admin.PostAsync($"caches/{model.Name}/purge", new { model = model.Name, tenant = model.Name });
        using var gone = await model.AskAsync("hello", control: "only-if-cached");
        using var left = await model.AskAsync("hello", control: "only-if-cached", key: theirs);
        Assert.Equal((HttpStatusCode.GatewayTimeout, HttpStatusCode.OK), (gone.StatusCode, left.StatusCode));
    }

    [Theory]
    [InlineData("fail", false)]
    [InlineData("filter", false)]
    [InlineData("filter", true)]
    [InlineData("cut", true)]
    public async Task What_failed_was_held_back_or_was_cut_off_is_not_kept(string text, bool stream)
    {
        await using var model = await CachedModel.StartAsync(Gateway);
        using var first = await model.AskAsync(text, stream);
        await first.Content.ReadAsStringAsync(Ended);
        using var second = await model.AskAsync(text, stream);

        Assert.Equal("sluice; fwd=miss", CachedModel.Status(second));
        Assert.Equal(2, model.Asked);
    }

    [Fact]
    public async Task Kept_answers_count_as_requests_and_cost_what_is_declared()
    {
        await using var model = await CachedModel.StartAsync(Gateway, "age: 1h\ncharge: 25%\nper: everyone", """
            ---
            kind: Budget
            name: NAME
            subject: tenant/NAME
            amount: { requests: 3 }
            window: { every: month }
            """);
        var (_, theirs) = await Gateway.Admin.CreateTenantAsync($"{model.Name}b");
        using (await model.AskAsync("hello"))
        {
            await CachedModel.KeptAsync(() => model.AskAsync("hello", control: "only-if-cached", key: theirs));
        }

        using var others = await model.AskAsync("hello", key: theirs);
        Assert.Equal(("0.0005", ""), (others.Headers.GetValues("sluice-cost").Single(), CachedModel.Status(others)));
        using var second = await model.AskAsync("hello");
        using var third = await model.AskAsync("hello");
        using var fourth = await model.AskAsync("hello");
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], new[] { second, third, fourth }.Select(answer => answer.StatusCode));
        Assert.Equal(1, model.Asked);
        Assert.Equal("0.003", (await Gateway.Admin.UsageAsync(model.Name, 4)).Cost);
    }
}
