using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>Server-sent events: each change once, in order, and resumed by the last that was seen.</summary>
public sealed class EventsTests(SharedGateway shared)
{
    [Fact]
    public async Task A_watcher_that_comes_back_with_Last_Event_ID_misses_nothing_and_sees_nothing_twice()
    {
        var admin = shared.Gateway.Admin;
        string[] tenants = ["events-a", "events-b", "events-c", "events-d"];
        await admin.PostAsync("tenants", new { name = tenants[0] });
        var first = await ReadAsync(shared.Gateway, "events?after=0&kind=tenant-created", null, e => e.Contains("events-a", StringComparison.Ordinal));
        foreach (var tenant in tenants[1..3])
        {
            await admin.PostAsync("tenants", new { name = tenant });
        }

        var missed = ReadAsync(shared.Gateway, "events?kind=tenant-created", first[^1].EventId, e => e.Contains("events-d", StringComparison.Ordinal));
        await admin.PostAsync("tenants", new { name = tenants[3] });

        var seen = (await missed).Where(e => e.Data.Contains("events-", StringComparison.Ordinal)).ToArray();
        Assert.Equal(tenants[1..], seen.Select(e => System.Text.Json.JsonDocument.Parse(e.Data).RootElement.GetProperty("subject").GetString()));
        Assert.Equal(seen.Select(e => Number(e.EventId)).Order(), seen.Select(e => Number(e.EventId)));
    }

    [Fact]
    public async Task Who_asks_for_all_that_is_kept_sees_it_also_when_older_changes_were_let_go()
    {
        const int Kept = 512;
        await using var own = await Gateway.StartAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, Kept + 20), TestContext.Current.CancellationToken, async (i, _) =>
            await own.Admin.PostAsync("tenants", new { name = FormattableString.Invariant($"many-{i}") }));
        await own.Admin.PostAsync("tenants", new { name = "the-last" });

        var all = await ReadAsync(own, "events?after=0", null, e => e.Contains("the-last", StringComparison.Ordinal));
        var resumed = await ReadAsync(own, "events", "1", static _ => true);

        Assert.InRange(all.Count, Kept - 32, Kept);
        Assert.DoesNotContain(all, e => e.EventType is "reset");
        Assert.Equal("reset", Assert.Single(resumed).EventType);
    }

    [Theory]
    [InlineData("events?kind=tenant-creatd", null, "query: kind")]
    [InlineData("events?after=-1", null, "query: after")]
    [InlineData("events", "x", "header: Last-Event-ID")]
    public async Task A_wrong_wish_is_refused_before_the_stream_begins(string path, string? last, string field)
    {
        using var client = Client(shared.Gateway);
        using var answer = await client.SendAsync(Request(shared.Gateway, path, last), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"\"{field}\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_event_carries_a_key_or_its_hash()
    {
        var (id, key) = await shared.Gateway.Admin.CreateTenantAsync("events-secret");

        var events = await ReadAsync(shared.Gateway, "events?after=0", null, e => e.Contains(id, StringComparison.Ordinal));

        Assert.All(events, e => Assert.DoesNotContain(key, e.Data, StringComparison.Ordinal));
        Assert.All(events, e => Assert.DoesNotContain("hash", e.Data, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<List<SseItem<string>>> ReadAsync(Gateway gateway, string path, string? last, Func<string, bool> isLast)
    {
        using var client = Client(gateway);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        using var answer = await client.SendAsync(Request(gateway, path, last), HttpCompletionOption.ResponseHeadersRead, bound.Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var events = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(bound.Token)).EnumerateAsync(bound.Token))
        {
            events.Add(item);
            if (isLast(item.Data))
            {
                break;
            }
        }

        return events;
    }

    private static HttpClient Client(Gateway gateway) => new() { BaseAddress = new Uri(gateway.Sluice.Admin, "/api/v1/") };

    private static HttpRequestMessage Request(Gateway gateway, string path, string? last)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.AdminKey);
        if (last is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        }

        return request;
    }

    private static long Number(string? id) => long.Parse(id!, CultureInfo.InvariantCulture);
}
