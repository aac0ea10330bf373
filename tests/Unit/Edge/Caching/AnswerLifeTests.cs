using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Caching;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Caching;

/// <summary>RFC 9111: what is kept, for how long, and what a client may ask of it.</summary>
public sealed class AnswerLifeTests
{
    private const string Date = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static readonly DateTimeOffset Now = new(1994, 11, 6, 8, 49, 47, TimeSpan.Zero);
    private static readonly CacheResource Plain = new("c", 1 << 20, 1 << 16, CachePer.Tenant);

    [Theory]
    [InlineData("max-age=60", 60)]
    [InlineData("max-age=60, s-maxage=20", 20)]
    [InlineData("public, max-age=60", 60)]
    [InlineData("no-cache", 0)]
    [InlineData("no-cache=\"set-cookie\", max-age=60", 0)]
    [InlineData("max-age=999999999", 2_592_000)]
    [InlineData("max-age=0", 0)]
    [InlineData("no-store", null)]
    [InlineData("max-age=60, no-store", null)]
    [InlineData("private, max-age=60", null)]
    [InlineData("private=\"x-a\", max-age=60", null)]
    [InlineData("max-age=-1", null)]
    [InlineData("max-age=soon", null)]
    [InlineData("", null)]
    public void Of_a_known_caller_what_is_not_refused_is_kept_as_long_as_it_says(string control, int? seconds)
    {
        var life = Life(Plain, control);

        Assert.Equal(seconds is not null, life.IsKept);
        Assert.Equal(TimeSpan.FromSeconds(seconds ?? 0), life.Fresh);
    }

    [Theory]
    [InlineData("max-age=60", false)]
    [InlineData("public, max-age=60", true)]
    [InlineData("s-maxage=60", true)]
    [InlineData("public", false)]
    [InlineData("public, private, max-age=60", false)]
    [InlineData("", false)]
    public void Of_nobody_in_particular_only_what_is_for_everybody_is_kept(string control, bool isKept) => Assert.Equal(isKept, Life(Plain, control, isPublic: true).IsKept);

    [Theory]
    [InlineData("Expires", "Sun, 06 Nov 1994 08:50:37 GMT", 60)]
    [InlineData("Expires", "Sun, 06 Nov 1994 08:49:37 GMT", 0)]
    [InlineData("Expires", "0", 0)]
    [InlineData("x-other", "1", 30)]
    public void Without_a_word_on_age_the_expiry_says_it_and_without_that_the_declaration(string name, string value, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Life(Plain with { Age = TimeSpan.FromSeconds(30) }, "", 200, (name, value)).Fresh);

    [Theory]
    [InlineData(200, true, true)]
    [InlineData(404, true, false)]
    [InlineData(206, false, false)]
    [InlineData(500, false, false)]
    [InlineData(304, false, false)]
    [InlineData(401, false, false)]
    public void Some_statuses_are_kept_and_fewer_without_a_word(int status, bool isKept, bool isKeptUnsaid)
    {
        Assert.Equal(isKept, Life(Plain, "max-age=60", status).IsKept);
        Assert.Equal(isKeptUnsaid, Life(Plain with { Age = TimeSpan.FromSeconds(30) }, "", status).IsKept);
    }

    [Theory]
    [InlineData("Vary", "*")]
    [InlineData("Vary", "Accept, *")]
    [InlineData("Set-Cookie", "a=b")]
    [InlineData("Content-Type", "text/event-stream; charset=utf-8")]
    public void What_is_of_one_moment_or_one_client_is_not_kept(string name, string value) => Assert.False(Life(Plain, "max-age=60", 200, (name, value)).IsKept);

    [Theory]
    [InlineData("max-age=1", 5, 7, true)]
    [InlineData("max-age=1, stale-while-revalidate=2, stale-if-error=3", 2, 3, true)]
    [InlineData("max-age=1, must-revalidate, stale-if-error=3", 0, 0, false)]
    [InlineData("max-age=1, proxy-revalidate", 0, 0, false)]
    [InlineData("s-maxage=1", 0, 0, false)]
    [InlineData("s-maxage=1, stale-while-revalidate=2", 2, 0, false)]
    [InlineData("no-cache", 0, 0, false)]
    public void What_is_stale_is_given_as_the_answer_says_and_else_as_declared(string control, int whileRevalidate, int ifError, bool mayBeStale)
    {
        var life = Life(Plain with { StaleWhileRevalidate = TimeSpan.FromSeconds(5), StaleIfError = TimeSpan.FromSeconds(7) }, control);

        Assert.Equal((TimeSpan.FromSeconds(whileRevalidate), TimeSpan.FromSeconds(ifError), mayBeStale), (life.WhileRevalidate, life.IfError, life.MayBeStale));
    }

    [Theory]
    [InlineData(null, null, 2, 2)]
    [InlineData("7", null, 2, 9)]
    [InlineData("7", Date, 2, 10)]
    [InlineData("20", Date, 0, 20)]
    [InlineData("-5", Date, 0, 10)]
    public void The_age_is_the_greater_of_what_is_told_and_what_is_seen(string? told, string? date, int delay, int seconds)
    {
        var headers = new HeaderDictionary { ["Age"] = told, ["Date"] = date };

        Assert.Equal(TimeSpan.FromSeconds(seconds), AnswerLife.AgeOf(headers, Now, TimeSpan.FromSeconds(delay)));
    }

    [Theory]
    [InlineData("", 50, true, false)]
    [InlineData("", 60, true, true)]
    [InlineData("", 66, false, false)]
    [InlineData("max-stale", 3600, true, false)]
    [InlineData("max-stale=5", 64, true, false)]
    [InlineData("max-stale=5", 70, false, false)]
    [InlineData("min-fresh=20", 50, false, false)]
    [InlineData("max-age=30", 31, false, false)]
    [InlineData("no-cache", 1, false, false)]
    [InlineData("max-age=soon", 1, false, false)]
    public void A_client_takes_what_it_asks_for(string control, int age, bool isTaken, bool isStale)
    {
        var life = new AnswerLife(true, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5), TimeSpan.Zero, MayBeStale: true);

        Assert.Equal((isTaken, isStale), (RequestWish.Of(new HeaderDictionary { ["Cache-Control"] = control.Length > 0 ? control : default(string) }).Takes(life, TimeSpan.FromSeconds(age), out var stale), stale));
    }

    [Theory]
    [InlineData("\"a\"", null, "\"a\"", true)]
    [InlineData("W/\"a\"", null, "\"a\"", true)]
    [InlineData("\"b\", \"a\"", null, "\"a\"", true)]
    [InlineData("*", null, "\"a\"", true)]
    [InlineData("\"b\"", Date, "\"a\"", false)]
    [InlineData(null, Date, null, true)]
    [InlineData(null, "Sun, 06 Nov 1994 08:49:36 GMT", null, false)]
    [InlineData(null, "yesterday", null, false)]
    [InlineData(null, null, "\"a\"", false)]
    public void A_client_is_told_that_it_has_an_answer(string? none, string? since, string? etag, bool has) =>
        Assert.Equal(has, new Preconditions(none, since).AreMetBy(200, etag, Date));

    private static AnswerLife Life(CacheResource cache, string control, int status = 200, params (string Name, string Value)[] headers) => Of(cache, control, isPublic: false, status, headers);

    private static AnswerLife Life(CacheResource cache, string control, bool isPublic) => Of(cache, control, isPublic, 200, []);

    private static AnswerLife Of(CacheResource cache, string control, bool isPublic, int status, (string Name, string Value)[] headers)
    {
        var all = new HeaderDictionary { ["Date"] = Date };
        if (control.Length > 0)
        {
            all["Cache-Control"] = control;
        }

        foreach (var (name, value) in headers)
        {
            all[name] = string.Create(CultureInfo.InvariantCulture, $"{value}");
        }

        return AnswerLife.Of(cache, isPublic, status, all, Now);
    }
}
