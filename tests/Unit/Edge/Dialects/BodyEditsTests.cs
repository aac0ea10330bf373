using System.Runtime.InteropServices;
using System.Text;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>What changes in a request on its way, and that nothing else does.</summary>
public sealed class BodyEditsTests
{
    [Theory]
    [InlineData("""{"model":"a","messages":[]}""", """{"model":"b","messages":[]}""")]
    [InlineData("""{ "messages":[{"model":"a"}] , "model" : "\u0061" ,"x":"\ud800"}""", """{ "messages":[{"model":"a"}] , "model" : "b" ,"x":"\ud800"}""")]
    public void The_name_is_replaced_and_all_else_stays(string body, string edited) => Assert.Equal(edited, Edit(body, (ref BodyEdits edits, in RequestScan scan) => edits.SetModel(scan, "\"b\""u8.ToArray())));

    [Theory]
    [InlineData("""{"model":"a","messages":[]}""", """{"stream_options":{"include_usage":true},"model":"a","messages":[]}""")]
    [InlineData("""{"model":"a","messages":[],"stream_options":null}""", """{"model":"a","messages":[],"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"a","messages":[],"stream_options":{ }}""", """{"model":"a","messages":[],"stream_options":{"include_usage":true }}""")]
    [InlineData("""{"model":"a","messages":[],"stream_options":{"x":1}}""", """{"model":"a","messages":[],"stream_options":{"include_usage":true,"x":1}}""")]
    [InlineData("""{"model":"a","messages":[],"stream_options":{"include_usage":false}}""", """{"model":"a","messages":[],"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"a","messages":[],"stream_options":{"include_usage":{"x":[1]}}}""", """{"model":"a","messages":[],"stream_options":{"include_usage":true}}""")]
    public void Usage_is_asked_for_whatever_the_options_are(string body, string edited) => Assert.Equal(edited, Edit(body, (ref BodyEdits edits, in RequestScan scan) => edits.AskForUsage(scan)));

    [Theory]
    [InlineData("""{"model":"a","messages":[]}""", """{"max_tokens":9,"model":"a","messages":[]}""")]
    [InlineData("""{"model":"a","max_tokens":null,"messages":[]}""", """{"model":"a","max_tokens":9,"messages":[]}""")]
    public void An_answer_is_bounded_by_one_field_and_never_by_two_of_the_same_name(string body, string edited) => Assert.Equal(edited, Edit(body, (ref BodyEdits edits, in RequestScan scan) => edits.BoundAnswer(scan, 9)));

    [Theory]
    [InlineData("""{"model":"a","max_tokens":100,"messages":[]}""", """{"model":"a","max_tokens":20,"messages":[]}""")]
    [InlineData("""{"max_completion_tokens": 100 ,"max_tokens":null,"model":"a","messages":[]}""", """{"max_completion_tokens": 20 ,"max_tokens":null,"model":"a","messages":[]}""")]
    [InlineData("""{"model":"a","max_tokens":10,"messages":[],"max_completion_tokens":21}""", """{"model":"a","max_tokens":10,"messages":[],"max_completion_tokens":20}""")]
    [InlineData("""{"model":"a","max_tokens":1000,"messages":[],"max_completion_tokens":100}""", """{"model":"a","max_tokens":20,"messages":[],"max_completion_tokens":20}""")]
    public void A_bound_is_lowered_under_each_name_that_it_has(string body, string edited) => Assert.Equal(edited, Edit(body, (ref BodyEdits edits, in RequestScan scan) => edits.LowerAnswer(scan, 20)));

    private static string Edit(string body, Change change)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var scan = RequestScan.Read(bytes, InputField.Messages, out var fault);
        Assert.Null(fault);
        var edits = new BodyEdits(bytes);
        change(ref edits, scan);
        var edited = Encoding.UTF8.GetString(edits.Apply(out var length)!.AsSpan(0, length));

        // What is sent in pieces is the same, and its own bytes are not copied.
        var pieces = edits.Cut(bytes)!;
        Assert.Equal((edited, length), (Encoding.UTF8.GetString(PiecedContent.Join(pieces)), PiecedContent.LengthOf(pieces)));
        Assert.True(MemoryMarshal.TryGetArray(pieces[^1], out var last) && last.Array == bytes);
        return edited;
    }

    private delegate void Change(ref BodyEdits edits, in RequestScan scan);
}
