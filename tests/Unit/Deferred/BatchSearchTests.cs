using System.Text.Json;
using Sluice.Edge.Deferred;

namespace Sluice.Tests.Unit.Deferred;

/// <summary>A batch whose provider's answer was lost is found by its file, and given up only once it cannot have been begun.</summary>
public sealed class BatchSearchTests
{
    private static readonly DateTimeOffset Asked = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void It_is_found_by_its_file_on_whichever_page()
    {
        var search = Search(TimeSpan.FromMinutes(1));
        Take(search, hasMore: true, Batch("batch_00000001", "file-other-1", 0), "{}", Batch("batch_00000002", "file-other-2", 0));
        Assert.Equal((null, "batch_00000002", false), (search.Found, search.After, search.IsSurelyNone));
        Take(search, hasMore: true, Batch("batch_00000003", "file-mine-0001", 5));
        Assert.Equal(("batch_00000003", (string?)null), (search.Found!.Id, search.After));
    }

    [Theory]
    [InlineData(24, false)]
    [InlineData(24.99, false)]
    [InlineData(25, true)]
    [InlineData(100, true)]
    public void What_the_list_does_not_have_is_given_up_after_25_hours_and_not_before(double hours, bool isGivenUp)
    {
        var whole = Search(TimeSpan.FromHours(hours));
        Take(whole, hasMore: false, Batch("batch_00000001", "file-other-1", 60));
        var tooOld = Search(TimeSpan.FromHours(hours));
        Take(tooOld, hasMore: true, Batch("batch_00000001", "file-other-1", 60), Batch("batch_00000002", "file-other-2", -3601));
        Assert.Equal([(isGivenUp, null), (isGivenUp, null)], new[] { (whole.IsSurelyNone, whole.After), (tooOld.IsSurelyNone, tooOld.After) });
    }

    [Fact]
    public void While_there_are_more_pages_nothing_is_given_up_and_what_is_older_by_an_hour_of_clocks_is_looked_at()
    {
        var search = Search(TimeSpan.FromHours(100));
        Take(search, hasMore: true, Batch("batch_00000001", "file-other-1", -3599));
        Assert.Equal(("batch_00000001", false), (search.After, search.IsSurelyNone));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":null,"has_more":false}""")]
    public void What_is_no_list_proves_nothing(string json)
    {
        using var list = JsonDocument.Parse(json);
        Assert.Throws<IOException>(() => Search(TimeSpan.FromHours(100)).Take(list.RootElement));
    }

    [Fact]
    public void A_batch_whose_time_is_no_number_is_taken_for_an_old_one_and_read_all_the_same()
    {
        var search = Search(TimeSpan.FromMinutes(1));
        Take(search, hasMore: false, """{"id":"batch_00000001","status":"in_progress","input_file_id":"file-mine-0001","created_at":"now"}""");
        Assert.Equal(0, search.Found!.CreatedAt);
    }

    private static BatchSearch Search(TimeSpan later) => new("file-mine-0001", Asked, Asked + later);

    private static void Take(BatchSearch search, bool hasMore, params string[] batches)
    {
        using var list = JsonDocument.Parse($$"""{"data":[{{string.Join(',', batches)}}],"has_more":{{(hasMore ? "true" : "false")}}}""");
        search.Take(list.RootElement);
    }

    private static string Batch(string id, string input, int seconds) =>
        $$"""{"id":"{{id}}","status":"in_progress","input_file_id":"{{input}}","created_at":{{Asked.AddSeconds(seconds).ToUnixTimeSeconds()}}}""";
}
