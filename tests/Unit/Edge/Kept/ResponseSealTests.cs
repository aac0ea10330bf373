using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Kept;

namespace Sluice.Tests.Unit.Edge.Kept;

/// <summary>Responses under the tenant's ids: only the ids are others.</summary>
public sealed partial class ResponseSealTests
{
    private const string Created = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_raw12345\",\"previous_response_id\":\"resp_before12\",\"output\":[{\"id\":\"msg_1\"}]}}\n\n";
    private const string Delta = "event: x\r\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1\",\"delta\":\"\\\"response\\\"\"}\r\n\r\n";
    private const string Completed = ": note\ndata: {\"response\":\ndata: {\"id\":\"resp_raw12345\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n";
    private readonly TenantIds _ids = new(new byte[32], "acme");

    [Fact]
    public void A_response_is_told_by_the_tenants_ids_and_all_else_stays()
    {
        const string Whole = """{ "id" : "resp_raw12345", "object":"response", "output":[{"id":"msg_1","response":{"id":"x"}}], "previous_response_id": "resp_before12", "odd":[1] }""";
        var edited = Encoding.UTF8.GetString(Seal().Edit(Encoding.UTF8.GetBytes(Whole))!);

        var id = Told().Match(edited).Value;
        Assert.Equal(new KeptPlace("p", "m", "resp_raw12345"), _ids.Open(TenantIds.OfResponse, id));
        Assert.Equal(Whole.Replace("resp_raw12345", id, StringComparison.Ordinal).Replace("resp_before12", "resp_told", StringComparison.Ordinal), edited);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"id\":")]
    [InlineData("{\"id\":\"\\ud800\"}")]
    [InlineData("{\"id\":null,\"previous_response_id\":null,\"response\":null}")]
    public void What_has_no_id_stays_as_it_is(string json) => Assert.Null(Seal().Edit(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_stream_has_one_id_wherever_it_is_cut_and_other_events_go_out_in_their_order()
    {
        const string Stream = Created + Delta + Completed + Delta;
        for (var piece = 1; piece <= Stream.Length; piece = piece < 8 ? piece + 1 : piece * 3)
        {
            using var tap = new StreamTap(hideUsage: false, dialect: DialectTable.Responses) { Edit = Seal().EditEvent };
            var output = new ArrayBufferWriter<byte>();
            foreach (var part in Encoding.UTF8.GetBytes(Stream).Chunk(piece))
            {
                tap.Pass(part, output);
            }

            tap.End(output);
            var passed = Encoding.UTF8.GetString(output.WrittenSpan);
            var id = Assert.Single(Told().Matches(passed).Select(m => m.Value).Distinct(StringComparer.Ordinal));
            const string Joined = "data: {\"response\": {\"id\":\"resp_raw12345\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n";
            Assert.Equal(
                (Created.Replace("resp_before12", "resp_told", StringComparison.Ordinal) + Delta + Joined + Delta).Replace("resp_raw12345", id, StringComparison.Ordinal), passed);
            Assert.Equal((1, 2), (tap.Usage!.Value.Input, tap.Usage!.Value.Output));
        }
    }

    private ResponseSeal Seal() => new(_ids, "p", "m", new KeptName("resp_before12", "resp_told"));

    [GeneratedRegex("resp_sluice\\.[A-Za-z0-9_-]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Told();
}
