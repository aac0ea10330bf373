using System.Text;
using Sluice.Configuration;

namespace Sluice.Tests.Unit.Settings;

/// <summary>The watch of clients, over scripted streams.</summary>
public sealed class SettingsFeedTests
{
    [Fact]
    public async Task A_lost_stream_is_opened_again_after_the_last_event()
    {
        var opened = new List<string?>();
        var feed = Feed(
            last =>
            {
                opened.Add(last);
                return opened.Count switch
                {
                    1 => Event("1-a", 1),
                    2 => throw new SettingsUnavailableException("away"),
                    _ => Event("2-b", 2),
                };
            });

        var items = await TakeAsync(feed, 4);

        Assert.Equal([null, "1-a", "1-a"], opened);
        Assert.Equal([1L, null, null, 2L], items.Select(i => i.Snapshot?.Revision));
        Assert.Equal("away", items[2].Lost!.Message);
    }

    [Fact]
    public async Task A_stream_that_says_nothing_is_given_up()
    {
        var feed = new SettingsFeed((_, _) => Task.FromResult<Stream>(new SilentStream()), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20), TimeProvider.System);

        Assert.IsType<TimeoutException>(Assert.Single(await TakeAsync(feed, 1)).Lost);
    }

    [Fact]
    public async Task What_is_no_setting_is_a_lost_stream_and_no_failure() =>
        Assert.IsType<SettingsUnavailableException>(Assert.Single(await TakeAsync(Feed(_ => "event: settings\ndata: {\"revision\":\"x\"}\n\n"), 1)).Lost);

    [Fact]
    public async Task Events_of_other_names_are_passed_over()
    {
        var items = await TakeAsync(Feed(_ => "event: other\ndata: {}\n\n" + Event("1-a", 7)), 1);

        Assert.Equal(7, items[0].Snapshot!.Revision);
    }

    private static string Event(string id, int revision) =>
        FormattableString.Invariant($"id: {id}\nevent: settings\ndata: {{\"app\":\"a\",\"profiles\":[],\"revision\":{revision},\"values\":{{}},\"flags\":{{}}}}\n\n");

    private static SettingsFeed Feed(Func<string?, string> answer) => new(
        (last, _) => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(answer(last)))),
        TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2), TimeSpan.FromSeconds(20), TimeProvider.System);

    private static async Task<List<FeedItem>> TakeAsync(SettingsFeed feed, int count)
    {
        var items = new List<FeedItem>();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        await foreach (var item in feed.ReadAsync(null, bound.Token))
        {
            items.Add(item);
            if (items.Count == count)
            {
                break;
            }
        }

        return items;
    }

    private sealed class SilentStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }
}
