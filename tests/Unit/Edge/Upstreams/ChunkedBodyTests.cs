using System.Text;
using Sluice.Edge.Upstreams.Http1;

namespace Sluice.Tests.Unit.Edge.Upstreams;

public sealed class ChunkedBodyTests
{
    public static TheoryData<string, string> Bodies => new()
    {
        { "0\r\n\r\n", "" },
        { "3\r\nabc\r\n0\r\n\r\n", "abc" },
        { "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "abc0123456789" },
        { "00a;name=\"x;y\"\r\n0123456789\r\n000\r\n\r\n", "0123456789" },
        { "3 \r\nabc\r\n0 ; x\r\nTrailer: a\r\nOther: b\r\n\r\n", "abc" },
        { "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n" },
        { "3\nabc\n0\n\n", "abc" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_body_is_the_same_wherever_its_bytes_are_cut(string sent, string expected)
    {
        var bytes = Encoding.Latin1.GetBytes(sent + "next");
        for (var first = 0; first <= sent.Length; first++)
        {
            for (var room = 1; room <= 4; room++)
            {
                var chunks = default(ChunkedBody);
                var body = new StringBuilder();
                var used = Feed(ref chunks, bytes.AsSpan(0, first), room, body);
                used += Feed(ref chunks, bytes.AsSpan(used), room, body);

                Assert.Equal(expected, body.ToString());
                Assert.True(chunks.IsEnd);
                Assert.Equal(sent.Length, used);
            }
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+1\r\na\r\n")]
    [InlineData("0x1\r\na\r\n")]
    [InlineData(";x\r\n")]
    [InlineData("1\r\nab\r\n0\r\n\r\n")]
    [InlineData("1\r\na\r\r\n0\r\n\r\n")]
    [InlineData("1\r\naXX0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\n")]
    public void What_is_no_chunk_is_refused(string sent)
    {
        Assert.Throws<MalformedAnswerException>(() =>
        {
            var chunks = default(ChunkedBody);
            Feed(ref chunks, Encoding.Latin1.GetBytes(sent), 16, new StringBuilder());
        });
    }

    [Fact]
    public void A_line_without_end_is_refused()
    {
        Assert.Throws<MalformedAnswerException>(() =>
        {
            var chunks = default(ChunkedBody);
            Feed(ref chunks, Encoding.Latin1.GetBytes("1;" + new string('x', 5000)), 16, new StringBuilder());
        });
    }

    // Reads till the bytes are used up, or the body has ended.
    private static int Feed(ref ChunkedBody chunks, ReadOnlySpan<byte> bytes, int room, StringBuilder body)
    {
        var used = 0;
        var to = new byte[room];
        while (used < bytes.Length && !chunks.IsEnd)
        {
            chunks.Read(bytes[used..], to, out var taken, out var given);
            used += taken;
            body.Append(Encoding.Latin1.GetString(to, 0, given));
        }

        return used;
    }
}
