using System.Text;
using Sluice.Edge.Upstreams.Http1;

namespace Sluice.Tests.Unit.Edge.Upstreams;

public sealed class ResponseHeadTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "Length", true)]
    [InlineData("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", "Length", true)]
    [InlineData("HTTP/1.1 200 \r\ncontent-length:5\r\n\r\n", "Length", true)]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\n\n", "Length", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "Length", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "None", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "Chunked", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n", "Chunked", false)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "UntilClose", false)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "None", true)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", "None", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x, Close\r\n\r\n", "Length", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "Length", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", "Length", true)]
    public void The_end_of_a_body_is_found_as_the_standard_says(string head, string framing, bool reusable)
    {
        var read = Read(head, answersHead: false);

        Assert.Equal(framing, read.Framing.ToString());
        Assert.Equal(reusable, read.IsReusable);
    }

    [Fact]
    public void An_answer_to_HEAD_has_a_length_and_no_body()
    {
        var read = Read("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", answersHead: true);

        Assert.Equal(Framing.None, read.Framing);
        Assert.Equal(1234, read.Length);
        Assert.True(read.IsReusable);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.2 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: b\rX-C: d\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\n")]
    public void What_could_be_read_in_two_ways_is_refused(string head) => Assert.Throws<MalformedAnswerException>(() => Read(head, answersHead: false));

    [Fact]
    public void A_head_is_read_once_it_is_complete_and_not_before()
    {
        const string Text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Empty:\r\nX-A:  b c \t\r\nContent-Length: 3\r\n\r\nabc";
        var bytes = Encoding.Latin1.GetBytes(Text);
        var read = new ResponseHead();
        for (var length = 0; length < Text.Length - 3; length++)
        {
            Assert.False(read.TryRead(bytes.AsSpan(0, length), answersHead: false, out _));
        }

        Assert.True(read.TryRead(bytes, answersHead: false, out var used));
        Assert.Equal(Text.Length - 3, used);
        Assert.Equal(
            [("Content-Type", "text/plain"), ("X-Empty", ""), ("X-A", "b c"), ("Content-Length", "3")],
            read.Lines.ToArray().Select(l => (l.Name, l.Value)));
    }

    [Fact]
    public void The_next_answer_of_a_connection_keeps_nothing_of_the_one_before()
    {
        var read = Read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\nX-A: b\r\n\r\n", answersHead: false);
        Assert.True(read.TryRead("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nX-Longer-Name: c\r\n\r\n"u8, answersHead: false, out _));

        Assert.Equal((404, Framing.Chunked, true), (read.Status, read.Framing, read.IsReusable));
        Assert.Null(read.Length);
        Assert.Equal([("Transfer-Encoding", "chunked"), ("X-Longer-Name", "c")], read.Lines.ToArray().Select(l => (l.Name, l.Value)));

        // The same line in the same place: its strings are the ones that it had.
        var value = read.Lines[1].Value;
        Assert.True(read.TryRead("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-Longer-Name: c\r\n\r\n"u8, answersHead: false, out _));
        Assert.Same(value, read.Lines[1].Value);
        Assert.Equal(HeaderKind.Length, read.Lines[0].Kind);
    }

    [Fact]
    public void There_is_a_most_of_headers() => Assert.Throws<MalformedAnswerException>(() =>
        Read("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("X-A: b\r\n", 257)) + "\r\n", answersHead: false));

    private static ResponseHead Read(string head, bool answersHead)
    {
        var read = new ResponseHead();
        Assert.True(read.TryRead(Encoding.Latin1.GetBytes(head), answersHead, out var length));
        Assert.Equal(head.Length, length);
        return read;
    }
}
