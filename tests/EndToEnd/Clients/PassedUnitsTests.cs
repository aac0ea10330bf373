using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Pictures, minutes and characters at their own prices, and a hard budget of money that they do not overspend.</summary>
public sealed class PassedUnitsTests(SharedGateway shared)
{
    private const string Pictures = """
        price: { image: "0.04 USD", images: [{ quality: hd, price: "0.08 USD" }] }
        """;

    private readonly string _name = $"u{Guid.NewGuid():n}"[..12];
    private readonly Gateway _gateway = shared.Gateway;

    private PassedModel Own => new(_gateway, _name);

    [Fact]
    public async Task Pictures_are_charged_by_their_number_and_quality_and_recorded()
    {
        await using var upstream = await PassedModel.AnswerAsync("""{"created":1,"data":[{"url":"https://example.com/a.png"},{"url":"https://example.com/b.png"}]}""");
        using var client = await Own.ClientAsync(upstream, "dall-e-3", Pictures);

        Assert.Equal("0.16", await CostAsync(await client.PostAsync("/v1/images/generations", Gateway.Json($$"""{"model":"{{_name}}","prompt":"a cat","n":2,"quality":"hd","size":"1024x1024"}"""))));

        var record = await Eventually.GetAsync(
            async () => (await _gateway.Admin.GetAsync($"attempts?tenant={_name}")).GetProperty("items") is var items && items.GetArrayLength() == 1 ? new { Units = items[0].GetProperty("units") } : null, "the record");
        Assert.Equal((2, "hd"), (record.Units.GetProperty("pictures").GetInt32(), record.Units.GetProperty("quality").GetString()));
    }

    [Fact]
    public async Task A_hard_budget_of_money_lets_no_picture_through_that_it_does_not_cover()
    {
        await using var upstream = await PassedModel.AnswerAsync("""{"created":1,"data":[{"url":"https://example.com/a.png"}]}""");
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, $"{OwnModel.Bundle(_name, upstream, "dall-e-3")}\n{Pictures}", $$"""
            kind: Budget
            name: {{_name}}
            subject: tenant/{{_name}}
            amount: { money: "0.10 USD" }
            window: { every: month }
            """));

        // Of a picture whose quality is not named the dearest is reserved: two would be 0.16.
        var two = await client.PostAsync("/v1/images/generations", Gateway.Json($$"""{"model":"{{_name}}","prompt":"a cat","n":2}"""));
        Assert.Equal("insufficient_quota", (await PassedModel.ErrorAsync(two, HttpStatusCode.TooManyRequests)).GetProperty("code").GetString());
        Assert.Empty(upstream.Requests);
        Assert.Equal("0.04", await CostAsync(await client.PostAsync("/v1/images/generations", Gateway.Json($$"""{"model":"{{_name}}","prompt":"a cat"}"""))));
        var twice = await client.PostAsync("/v1/images/generations", Gateway.Json($$"""{"model":"{{_name}}","prompt":"a cat","quality":"standard","quality":"hd"}"""));
        Assert.Equal("quality", (await PassedModel.ErrorAsync(twice, HttpStatusCode.BadRequest)).GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("""{"text":"Hello","usage":{"type":"duration","seconds":9}}""", "0.0009")]
    [InlineData("Hello", "0.0021")]
    public async Task Sound_is_charged_by_the_minute_as_told_or_by_the_longest_that_it_can_be(string text, string cost)
    {
        await using var upstream = await PassedModel.AnswerAsync(text, text[0] is '{' ? "application/json" : "text/plain");
        using var client = await Own.ClientAsync(upstream, "whisper-1", "price: { minute: \"0.006 USD\" }");
        using var form = new MultipartFormDataContent { { new StringContent(_name), "model" }, { new ByteArrayContent(new byte[15_000]), "file", "a.mp3" } };

        Assert.Equal(cost, await CostAsync(await client.PostAsync("/v1/audio/transcriptions", form)));
    }

    [Fact]
    public async Task Speech_is_charged_by_the_characters_of_its_text()
    {
        await using var upstream = await PassedModel.AnswerAsync("sound", "audio/mpeg");
        using var client = await Own.ClientAsync(upstream, "tts-1", "price: { characters: \"15 USD\" }");
        using var answer = await client.PostAsync("/v1/audio/speech", Gateway.Json($$"""{"model":"{{_name}}","input":"Grüße, 👋!","voice":"alloy"}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var usage = await _gateway.Admin.UsageAsync(_name, 1);
        Assert.Equal((1, "0.000135"), (usage.Requests, usage.Cost));
    }

    private static async Task<string> CostAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True(answer.StatusCode is HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
            return Assert.Single(answer.Headers.GetValues("sluice-cost"));
        }
    }
}
