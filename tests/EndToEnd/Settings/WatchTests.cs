using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Settings;

/// <summary>The watch: the present values at once, then each change of them and nothing else.</summary>
public sealed class WatchTests(SharedGateway shared)
{
    [Fact]
    public async Task A_watcher_sees_its_own_changes_only_and_goes_on_where_it_was()
    {
        var admin = shared.Gateway.Admin;
        await admin.ApplyAsync(Setting("watched", "one"));
        using var reader = new SettingsReader(shared.Gateway);
        await using var events = reader.WatchAsync("/api/v1/settings/watched/watch").GetAsyncEnumerator();

        var first = await NextAsync(events);
        Assert.Equal("one", Host(first));

        // Another application's, one that gives the same values anew, and then the watched one's.
        await admin.ApplyAsync(Setting("watched-other", "x"));
        await admin.ApplyAsync("kind: Flag\nname: watched-other\napp: watched-other\ndefault: true");
        await admin.ApplyAsync(Setting("watched", "two"));
        var second = await NextAsync(events);
        Assert.Equal("two", Host(second));
        Assert.NotEqual(first.EventId, second.EventId);

        // What was seen is not told again; what came while nobody watched is.
        await using (var resumed = reader.WatchAsync("/api/v1/settings/watched/watch", second.EventId).GetAsyncEnumerator())
        {
            var next = resumed.MoveNextAsync();
            await admin.ApplyAsync(Setting("watched", "three"));
            Assert.True(await next);
            Assert.Equal("three", Host(resumed.Current));
        }

        await using var late = reader.WatchAsync("/api/v1/settings/watched/watch", second.EventId).GetAsyncEnumerator();
        Assert.Equal("three", Host(await NextAsync(late)));
    }

    [Fact]
    public async Task A_changed_flag_is_told_for_the_subject_that_it_concerns()
    {
        var admin = shared.Gateway.Admin;
        await admin.ApplyAsync("kind: Flag\nname: watched-flag\napp: flagged\ndefault: false");
        using var reader = new SettingsReader(shared.Gateway);
        await using var ada = reader.WatchAsync("/api/v1/settings/flagged/watch?subject=ada").GetAsyncEnumerator();
        Assert.False(Flag(await NextAsync(ada)));

        await admin.ApplyAsync("kind: Flag\nname: watched-flag\napp: flagged\ndefault: false\nrules: [{ subjects: [grace], value: true }]");
        await admin.ApplyAsync("kind: Flag\nname: watched-flag\napp: flagged\ndefault: false\nrules: [{ subjects: [grace, ada], value: true }]");

        Assert.True(Flag(await NextAsync(ada)));

        static bool Flag(SseItem<string> item) => JsonSerializer.Deserialize<JsonElement>(item.Data).GetProperty("flags").GetProperty("watched-flag").GetProperty("value").GetBoolean();
    }

    [Fact]
    public async Task A_wrong_Last_Event_ID_is_refused_before_the_stream_begins()
    {
        using var reader = new SettingsReader(shared.Gateway);

        using var answer = await reader.GetAsync("/api/v1/settings/watched/watch", ("Last-Event-ID", "42"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("header: Last-Event-ID", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_silo_tells_what_was_published_on_another()
    {
        using var folder = new TemporaryFolder();
        await using var first = await SluiceProcess.StartAsync(Silo(folder.Path));
        await using var second = await SluiceProcess.StartAsync(Silo(folder.Path));
        using var admin = new AdminApi(first.Admin, first.Line.AdminKey!);
        await admin.ApplyAsync(Setting("anywhere", "one"));
        using var reader = new SettingsReader(second.Admin, first.Line.AdminKey!);
        await using var events = reader.WatchAsync("/api/v1/settings/anywhere/watch").GetAsyncEnumerator();
        var seen = await NextAsync(events);
        Assert.Equal("one", Host(seen));

        await admin.ApplyAsync(Setting("anywhere", "two"));

        using var read = await reader.GetAsync("/api/v1/settings/anywhere/values");
        Assert.Contains("\"two\"", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        seen = await NextAsync(events);
        Assert.Equal("two", Host(seen));

        // An id that one silo gave is known to the other.
        using var there = new SettingsReader(first.Admin, first.Line.AdminKey!);
        await using var moved = there.WatchAsync("/api/v1/settings/anywhere/watch", seen.EventId).GetAsyncEnumerator();
        var next = moved.MoveNextAsync();
        await admin.ApplyAsync(Setting("anywhere", "three"));
        Assert.True(await next);
        Assert.Equal("three", Host(moved.Current));
    }

    private static string[] Silo(string data) => ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", data];

    private static string Setting(string app, string host) => $"kind: Setting\nname: {app}\napp: {app}\nvalues: {{ database: {{ host: {host} }} }}";

    private static async Task<SseItem<string>> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("settings", events.Current.EventType);
        return events.Current;
    }

    private static string? Host(SseItem<string> item) =>
        JsonSerializer.Deserialize<JsonElement>(item.Data).GetProperty("values").GetProperty("database").GetProperty("host").GetString();
}
