using System.Text;
using Sluice.Edge.Deferred;
using Sluice.Edge.Kept;

namespace Sluice.Tests.Unit.Deferred;

/// <summary>What is read of the requests for batches, of their files' lines, and of batch objects.</summary>
public sealed class BatchTextsTests
{
    private static readonly TenantIds Ids = new(new byte[32], "acme");

    [Theory]
    [InlineData("""{"endpoint":"/v1/embeddings"}""", "input_file_id")]
    [InlineData("""{"input_file_id":"f"}""", "endpoint")]
    [InlineData("""{"input_file_id":"f","endpoint":"/v1/images/generations"}""", "endpoint")]
    [InlineData("""{"input_file_id":"f","input_file_id":"g","endpoint":"/v1/embeddings"}""", "input_file_id")]
    [InlineData("""{"input_file_id":"\ud800","endpoint":"/v1/embeddings"}""", null)]
    [InlineData("""{"input_file_id":"f",""", null)]
    [InlineData("[]", null)]
    public void A_request_that_is_none_is_told_by_its_field(string body, string? field)
    {
        var (order, error) = BatchOrder.Read(Encoding.UTF8.GetBytes(body));

        Assert.Null(order);
        Assert.Equal((400, field), (error!.Status, error.Param));
    }

    [Fact]
    public void A_request_goes_on_with_another_file_and_else_as_it_came()
    {
        var body = """{ "metadata": {"input_file_id": "x"}, "input_file_id" : "file-é", "endpoint":"/v1/responses" }"""u8;

        var order = BatchOrder.Read(body).Order!;

        Assert.Equal("file-é", order.File);
        Assert.Equal("""{ "metadata": {"input_file_id": "x"}, "input_file_id" : "file-2", "endpoint":"/v1/responses" }""", Encoding.UTF8.GetString(order.With(body, "file-2")));
    }

    [Theory]
    [InlineData("""{"url":"/u","body":{"a":{"b":1}},"custom_id":"c"}""", """{"a":{"b":1}}""")]
    [InlineData("""{"body":{},"body":{}}""", null)]
    [InlineData("""{"url":"/u","body":[]}""", null)]
    [InlineData("""{"url":"/u"}""", null)]
    [InlineData("""{"body":{}} x""", null)]
    [InlineData("""{"url":"\ud800","body":{}}""", null)]
    [InlineData("[]", null)]
    public void Of_a_line_the_request_is_found_or_nothing(string line, string? body)
    {
        var bytes = Encoding.UTF8.GetBytes(line);

        Assert.Equal(body, BatchLine.Read(bytes) is { } read ? Encoding.UTF8.GetString(read.Body.In(bytes)) : null);
    }

    [Fact]
    public void A_batch_is_told_with_the_tenants_ids_and_those_of_its_files_stay_the_same()
    {
        var json = """{"id":"batch_12345","status":"completed","input_file_id":"file-in345","output_file_id":"file-out45","error_file_id":null,"created_at":7}"""u8;
        var batch = BatchObject.Read(json)!;

        var (first, listed) = batch.Tell(json, Ids, "p", "m", null, null, "file-mine");
        var (again, same) = batch.Tell(json, Ids, "p", "m", listed.Id, listed);

        Assert.Equal(Encoding.UTF8.GetString(first), Encoding.UTF8.GetString(again));
        Assert.Equal(listed, same);
        Assert.Equal(new KeptPlace("p", "m", "batch_12345"), Ids.Open(TenantIds.OfBatch, listed.Id));
        Assert.Equal(("file-mine", "file-in345"), (listed.ToldInput, listed.Input));
        Assert.Equal("file-out45", Ids.Open(TenantIds.OfFile, BatchObject.Read(first)!.Output!)!.Id);
        Assert.True(batch.HasEnded);
    }

    [Fact]
    public void What_is_written_at_length_beside_a_batch_is_not_listed()
    {
        var json = Encoding.UTF8.GetBytes($$$"""{"id":"batch_12345","status":"failed","input_file_id":"file-in345","metadata":{"a":"{{{new string('x', 5000)}}}"}}""");

        var (told, listed) = BatchObject.Read(json)!.Tell(json, Ids, "p", "m", null, null);

        Assert.True(told.Length > 5000 && listed.Json.Length < 1000);
        Assert.Contains("\"metadata\":null", listed.Json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"b","status":"completed","input_file_id":"file-in345"}""")]
    [InlineData("""{"id":"batch_12345","input_file_id":"file-in345"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void What_is_no_batch_is_not_read(string json) => Assert.Null(BatchObject.Read(Encoding.UTF8.GetBytes(json)));
}
