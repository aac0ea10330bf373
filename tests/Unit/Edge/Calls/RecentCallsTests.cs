using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.CallLog;
using Sluice.Edge.Calls;
using Sluice.Edge.Configuration;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Rollouts;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Edge.Calls;

public sealed class RecentCallsTests
{
    private static readonly EdgeRevision Revision = EdgeRevision.Empty(new Head(1, 7, "h"), "default@7") with
    {
        Compilation = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Upstream, name: v, addresses: [http://b] }
            ---
            { kind: Route, name: a, match: { path: /a, headers: [{ name: x-beta }], query: [{ name: q }] }, split: [{ upstream: u }, { upstream: v }], sticky: { by: cookie, name: uid } }
            """)).Compilation!,
    };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public void A_call_is_kept_with_what_routes_look_at_and_with_nothing_else()
    {
        var calls = Calls(60);
        var arrival = Arrival("/a", "?q=1&secret=2");
        arrival.Http.Request.Headers["X-Beta"] = "on";
        arrival.Http.Request.Headers.Authorization = "Bearer slc_live_canary";
        arrival.Http.Request.Headers.Cookie = "uid=ada; session=canary";

        calls.Note(arrival, EndedCall.Refused(200));

        var call = Assert.Single(calls.Take(100, 10_000).Calls).Call;
        Assert.Equal(("GET", "h:1", "/a", 7L, 200), (call.Method, call.Host, call.Path, call.Revision, call.Status));
        Assert.Equal([(CallPlace.Header, "on"), (CallPlace.Query, "1"), (CallPlace.Cookie, "ada")], call.Values.Select(v => (v.Place, Assert.Single(v.Values))));
        Assert.True(call.KeyUnread);
        Assert.DoesNotContain("canary", call.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_not_kept_whatever_its_header_is_called()
    {
        var calls = Calls(60);
        var arrival = Arrival("/a");
        arrival.Http.Request.Headers["X-Beta"] = "slc_live_canary";

        calls.Note(arrival, EndedCall.Refused(200));

        Assert.Empty(Assert.Single(calls.Take(100, 10_000).Calls).Call.Values);
    }

    [Fact]
    public void Of_a_minute_that_is_full_an_even_sample_is_kept_and_all_are_counted()
    {
        var calls = Calls(60 * 100);
        for (var i = 0; i < 10_000; i++)
        {
            calls.Note(Arrival(FormattableString.Invariant($"/{i}")), EndedCall.Refused(404));
        }

        var (sum, kept) = calls.Take(10_000, 1_000_000);

        Assert.Equal(10_000, sum.Seen);
        Assert.Equal(100, kept.Length);
        Assert.Equal(100, kept.Select(c => c.Call.Path).Distinct(StringComparer.Ordinal).Count());
        Assert.All(kept, c => Assert.Equal(100, c.StandsFor));

        // Of 100 places drawn evenly from 10,000 the mean lies at 5,000 with a deviation of 289: ten of them are out of all question.
        Assert.InRange(kept.Average(c => int.Parse(c.Call.Path.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)), 2_100, 7_900);
    }

    [Fact]
    public void After_an_hour_a_call_is_forgotten()
    {
        var calls = Calls(600);
        calls.Note(Arrival("/old"), EndedCall.Refused(404));
        _time.Advance(TimeSpan.FromMinutes(59));
        calls.Note(Arrival("/new"), EndedCall.Refused(404));
        Assert.Equal(["/old", "/new"], calls.Take(100, 10_000).Calls.Select(c => c.Call.Path));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["/new"], calls.Take(100, 10_000).Calls.Select(c => c.Call.Path));
        Assert.Equal(1, calls.Take(100, 10_000).Sum.Seen);

        _time.Advance(TimeSpan.FromMinutes(2));
        calls.Note(Arrival("/newest"), EndedCall.Refused(404));
        Assert.Equal(["/new", "/newest"], calls.Take(100, 10_000).Calls.Select(c => c.Call.Path));
    }

    [Fact]
    public void Of_more_than_is_wanted_a_sample_stands_for_all()
    {
        var calls = Calls(6_000);
        for (var i = 0; i < 100; i++)
        {
            calls.Note(Arrival("/0123456789"), EndedCall.Refused(404));
        }

        var few = calls.Take(25, 1_000_000).Calls;
        Assert.Equal((25, 100), (few.Length, few.Sum(c => c.StandsFor)));

        // Each has 14 characters: path and host.
        var small = calls.Take(100, 140).Calls;
        Assert.Equal((10, 100), (small.Length, small.Sum(c => c.StandsFor)));
    }

    [Fact]
    public void What_is_too_long_is_counted_and_not_kept()
    {
        var calls = Calls(60);

        calls.Note(Arrival($"/{new string('x', 3_000)}"), EndedCall.Refused(404));

        var (sum, kept) = calls.Take(100, 10_000);
        Assert.Equal((1, 1, 0), (sum.Seen, sum.TooLarge, kept.Length));
    }

    [Fact]
    public void Switched_off_it_keeps_and_counts_nothing()
    {
        var calls = Calls(0);
        calls.Note(Arrival("/a"), EndedCall.Refused(200));

        var (sum, kept) = calls.Take(100, 10_000);
        Assert.Equal((true, 0L, 0), (sum.IsOff, sum.Seen, kept.Length));
    }

    [Fact]
    public void A_call_that_is_not_kept_allocates_nothing_and_one_that_is_less_than_a_kilobyte()
    {
        // One place a minute: after the first, a call is kept with a chance of one in as many as there were.
        var (few, all) = (Calls(60), Calls(60 * 10_000));
        var arrival = Arrival("/a");
        var call = EndedCall.Refused(404);
        for (var i = 0; i < 1_000; i++)
        {
            few.Note(arrival, call);
            all.Note(arrival, call);
        }

        Assert.InRange(PerCall(few), 0, 20);
        Assert.InRange(PerCall(all), 1, 1_000);

        double PerCall(RecentCalls calls)
        {
            const int Count = 1_000;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Count; i++)
            {
                calls.Note(arrival, call);
            }

            var bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Count;
            TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{bytes} bytes a call"));
            return bytes;
        }
    }

    private static Arrival Arrival(string path, string query = "")
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "GET";
        http.Request.Host = new HostString("h:1");
        http.Request.Path = path;
        http.Request.QueryString = new QueryString(query);
        return new Arrival(http, Revision, "id", IsStale: false, IsLast: false);
    }

    private RecentCalls Calls(int most)
    {
        var options = new EdgeOptions { Calls = most, CallLog = 0 };
        return new(options, new WatchedSplits(), new CallBuffer(options, new EdgeStart(options, _time), _time), _time);
    }
}
