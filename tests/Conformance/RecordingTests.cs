using System.Text;
using Sluice.Tests.Conformance.Replays;

namespace Sluice.Tests.Conformance;

/// <summary>What real providers once answered goes through a running gateway unchanged, and is counted as they said.</summary>
public sealed class RecordingTests(ReplayedRecordings replayed) : IClassFixture<ReplayedRecordings>
{
    public static TheoryData<string> Streams => [.. Recording.All.Where(r => r.IsStream).Select(r => r.Id)];

    public static TheoryData<string> Whole => [.. Recording.All.Where(r => !r.IsStream).Select(r => r.Id)];

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_whole_answer_passes_untouched(string id)
    {
        var recording = Find(id);
        var replay = replayed.Of(id, asksForUsage: false);
        Assert.Equal(Text(recording.Answer()), Text(replay.Body));
        Assert.Equal(recording.Status, replay.Status);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_passes_untouched_for_who_asked_for_usage(string id) =>
        Assert.Equal(Text(Find(id).Answer()), Text(replayed.Of(id, asksForUsage: true).Body));

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_passes_without_the_usage_event_that_the_gateway_asked_for(string id) =>
        Assert.Equal(Text(RecordedUsage.Hidden(Find(id).Answer())), Text(replayed.Of(id, asksForUsage: false).Body));

    [Theory]
    [MemberData(nameof(Whole))]
    public void The_usage_of_a_whole_answer_is_counted_as_told(string id) => CountsAsTold(Find(id), replayed.Of(id, asksForUsage: false));

    [Theory]
    [MemberData(nameof(Streams))]
    public void The_usage_of_a_stream_is_counted_as_told_whether_or_not_it_was_asked_for(string id)
    {
        CountsAsTold(Find(id), replayed.Of(id, asksForUsage: true));
        CountsAsTold(Find(id), replayed.Of(id, asksForUsage: false));
    }

    private static void CountsAsTold(Recording recording, Replay replay)
    {
        var counted = Assert.Single(replay.Counted);
        Assert.Equal(1, counted.Requests);
        if (recording.Status >= 400)
        {
            Assert.Equal(("none", 0L, 0L), (counted.Source, counted.InputTokens, counted.OutputTokens));
        }
        else if (RecordedUsage.Of(recording) is { } told)
        {
            Assert.Equal(told, new RecordedUsage(counted.InputTokens, counted.CachedTokens, counted.OutputTokens, counted.ReasoningTokens));
            Assert.Equal("reported", counted.Source);
        }
        else
        {
            Assert.Contains(counted.Source, new[] { "estimated", "reserved" });
            Assert.True(counted.InputTokens > 0 && counted.OutputTokens > 0, $"something is counted: {counted}");
        }
    }

    private static Recording Find(string id) => Recording.All.Single(r => string.Equals(r.Id, id, StringComparison.Ordinal));

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
