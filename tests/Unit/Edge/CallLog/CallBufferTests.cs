using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.CallLog;
using Sluice.Edge.Calls;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.CallLog;

public sealed class CallBufferTests
{
    private static readonly EdgeRevision Revision = EdgeRevision.Empty(new Head(1, 7, "h"), "default@7");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public void A_call_is_noted_without_its_query_and_without_a_key_that_stands_in_its_path()
    {
        var buffer = Buffer(new EdgeOptions());
        var arrival = Arrival("/a", "?secret=canary");
        arrival.Http.Request.Headers.Authorization = "Bearer canary";
        _time.Advance(TimeSpan.FromMilliseconds(250));

        buffer.Note(arrival, EndedCall.Refused(404));
        buffer.Note(Arrival("/k/slc_live_canary"), EndedCall.Refused(404));

        var calls = buffer.Take(10);
        Assert.Equal(("/a", 404, 250_000L, 7L), (calls[0].Path, calls[0].Status, calls[0].Times.Ended, calls[0].Revision));
        Assert.Equal(_time.GetUtcNow(), calls[0].Ended);
        Assert.Equal("***", calls[1].Path);
        Assert.DoesNotContain(calls, call => call.ToString().Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public void What_finds_no_room_is_dropped_and_counted_and_room_is_there_again_when_some_left()
    {
        var buffer = Buffer(new EdgeOptions { CallLog = 2 });
        for (var i = 0; i < 5; i++)
        {
            buffer.Note(Arrival("/a"), EndedCall.Refused(404));
        }

        Assert.Equal((2, 3L), (buffer.Waiting, buffer.Full));
        buffer.Leave(buffer.Take(10).Length, isLogged: true);
        buffer.Note(Arrival("/b"), EndedCall.Refused(404));

        Assert.Equal((1, 3L, 2L), (buffer.Waiting, buffer.Full, buffer.Logged));
        Assert.Equal("/b", Assert.Single(buffer.Take(10)).Path);
    }

    [Fact]
    public void Of_a_plain_route_so_many_successes_a_second_are_taken_and_every_failure()
    {
        var buffer = Buffer(new EdgeOptions { CallLogRate = 2 });
        for (var i = 0; i < 5; i++)
        {
            buffer.Note(Arrival("/a"), EndedCall.Refused(200));
            buffer.Note(Arrival("/a"), EndedCall.Refused(502));
        }

        Assert.Equal((7, 3L), (buffer.Waiting, buffer.PassedOver));
        _time.Advance(TimeSpan.FromSeconds(1));
        buffer.Note(Arrival("/a"), EndedCall.Refused(200));
        Assert.Equal((8, 3L), (buffer.Waiting, buffer.PassedOver));
    }

    [Fact]
    public void A_call_of_a_model_is_logged_once_with_every_attempt_and_the_cost_of_all()
    {
        var buffer = Buffer(new EdgeOptions { CallLogModelRate = 1 });
        var arrival = Arrival("/v1/chat/completions") with { Marks = buffer.Begin(_time.GetTimestamp()) };
        arrival.Marks!.Match();
        _time.Advance(TimeSpan.FromMilliseconds(10));
        arrival.Marks.Add(1, new Settlement(UsageSource.None, default, "a/m", 503), 0, 0, 1);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        arrival.Marks.Add(2, new Settlement(UsageSource.Reported, default, "b/m", 200) { AnsweredAt = _time.GetTimestamp() }, 70, 10_000, 11_000);

        buffer.Note(arrival, EndedCall.Refused(200));
        buffer.Note(arrival, EndedCall.Refused(200));

        var call = Assert.Single(buffer.Take(10));
        Assert.Equal((70, 2, 0L, 1L), (call.CostNano, call.Tries.Length, call.Times.Matched, call.Times.Admitted));
        Assert.Equal(((long?)null, 10_000L, (long?)20_000L), (call.Tries[0].First, call.Tries[0].Ended, call.Tries[1].First));
    }

    [Fact]
    public void Of_models_so_many_successes_a_second_are_taken_besides_those_of_routes_and_every_failure()
    {
        var buffer = Buffer(new EdgeOptions { CallLogRate = 1, CallLogModelRate = 1 });
        buffer.Note(Arrival("/a"), EndedCall.Refused(200));
        foreach (var status in (int[])[200, 200, 503])
        {
            var arrival = Arrival("/v1/chat/completions") with { Marks = buffer.Begin(_time.GetTimestamp()) };
            arrival.Marks!.Add(1, new Settlement(UsageSource.None, default, "a/m", status), 0, 0, 1);
            buffer.Note(arrival, EndedCall.Refused(status));
        }

        Assert.Equal(1, buffer.PassedOver);
        Assert.Equal([200, 200, 503], buffer.Take(10).Select(call => call.Status));
    }

    [Fact]
    public void Of_two_days_the_calls_are_taken_apart()
    {
        var buffer = Buffer(new EdgeOptions());
        buffer.Note(Arrival("/a"), EndedCall.Refused(404));
        _time.Advance(TimeSpan.FromDays(1));
        buffer.Note(Arrival("/b"), EndedCall.Refused(404));

        Assert.Equal("/a", Assert.Single(buffer.Take(10)).Path);
        Assert.Equal("/b", Assert.Single(buffer.Take(10)).Path);
        Assert.Empty(buffer.Take(10));
    }

    [Fact]
    public void Nothing_is_noted_where_it_is_off()
    {
        var buffer = Buffer(new EdgeOptions { CallLog = 0 });
        buffer.Note(Arrival("/a"), EndedCall.Refused(404));

        Assert.Null(buffer.Begin(0));
        Assert.Equal((0, 0L), (buffer.Waiting, buffer.Full));
    }

    private CallBuffer Buffer(EdgeOptions options) => new(options, new EdgeStart(options, _time), _time);

    private Arrival Arrival(string path, string query = "")
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "GET";
        http.Request.Host = new HostString("h:1");
        http.Request.Path = path;
        http.Request.QueryString = new QueryString(query);
        return new Arrival(http, Revision, "id", IsStale: false, IsLast: false) { At = _time.GetTimestamp() };
    }
}
