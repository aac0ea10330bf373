using static Sluice.Tests.EndToEnd.Http2.FrameType;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>States of streams, and the control of flow: RFC 9113 §5, §6.9 and §7.</summary>
internal static class StreamCases
{
    private const string Path = "/h2/x";
    private const string Held = "/h2/held";
    private const uint LargestWindow = int.MaxValue;

    public static IEnumerable<ProtocolCase> All =>
    [
        new("5.1", "DATA on an idle stream", "GOAWAY PROTOCOL_ERROR|GOAWAY STREAM_CLOSED", c => c.Send(Data, Frame.EndStream, 1, 65)),
        new("5.1", "WINDOW_UPDATE on an idle stream", "GOAWAY PROTOCOL_ERROR", c => c.WindowUpdate(1, 100)),
        new("5.1", "CONTINUATION on an idle stream", "GOAWAY PROTOCOL_ERROR", c => c.Send(Continuation, Frame.EndHeaders, 1, HeaderBlock.Of(HeaderBlock.Request(Path)))),
        new("5.1", "DATA behind the end of a request", "GOAWAY STREAM_CLOSED|RST_STREAM STREAM_CLOSED", c =>
        {
            c.Get(1, Held);
            c.Send(Data, Frame.EndStream, 1, 65);
        }),
        new("5.1", "HEADERS behind the end of a request", "GOAWAY STREAM_CLOSED|RST_STREAM STREAM_CLOSED", c =>
        {
            c.Get(1, Held);
            c.Get(1, Held);
        }),
        new("5.1", "WINDOW_UPDATE and PRIORITY behind the end of a request", "lives", c =>
        {
            c.Get(1, Held);
            c.WindowUpdate(1, 100);
            c.Send(Priority, 0, 1, 0, 0, 0, 0, 16);
        }),
        new("5.1", "RST_STREAM behind the end of a request", "lives", c =>
        {
            c.Get(1, Held);
            c.Reset(1);
        }),
        new("5.1", "DATA behind RST_STREAM", "GOAWAY STREAM_CLOSED|RST_STREAM STREAM_CLOSED", c =>
        {
            c.Post(1, Held);
            c.Reset(1);
            c.Send(Data, Frame.EndStream, 1, 65);
        }),
        new("5.1", "HEADERS behind RST_STREAM", "GOAWAY STREAM_CLOSED|RST_STREAM STREAM_CLOSED", c =>
        {
            c.Post(1, Held);
            c.Reset(1);
            c.Get(1, Held);
        }),
        new("5.1", "DATA on a stream that has ended", "GOAWAY STREAM_CLOSED", async c =>
        {
            Assert.Equal("200", await c.AskAsync(1, Path));
            c.Send(Data, Frame.EndStream, 1, 65);
        }),
        new("5.1", "HEADERS on a stream that has ended", "GOAWAY STREAM_CLOSED", async c =>
        {
            Assert.Equal("200", await c.AskAsync(1, Path));
            c.Get(1, Path);
        }),
        new("5.1", "CONTINUATION on a stream that has ended", "GOAWAY STREAM_CLOSED|GOAWAY PROTOCOL_ERROR", async c =>
        {
            Assert.Equal("200", await c.AskAsync(1, Path));
            c.Send(Continuation, Frame.EndHeaders, 1, HeaderBlock.Of(("x", "y")));
        }),
        new("5.1", "PRIORITY on a stream that has ended", "lives", async c =>
        {
            Assert.Equal("200", await c.AskAsync(1, Path));
            c.Send(Priority, 0, 1, 0, 0, 0, 0, 16);
        }),
        new("5.1.1", "a stream of an even number", "GOAWAY PROTOCOL_ERROR", c => c.Get(2, Path)),
        new("5.1.1", "a stream of a lower number than the last", "GOAWAY PROTOCOL_ERROR|GOAWAY STREAM_CLOSED", c =>
        {
            c.Get(5, Held);
            c.Get(3, Held);
        }),
        new("5.1.2", "a stream beyond the hundred that are offered", "RST_STREAM REFUSED_STREAM", c =>
        {
            for (var i = 0; i <= 100; i++)
            {
                c.Get(1 + (2 * i), Held);
            }
        }),
        new("6.9.1", "a window of one byte on the connection beyond the largest", "GOAWAY FLOW_CONTROL_ERROR", c =>
        {
            c.WindowUpdate(0, LargestWindow);
            c.WindowUpdate(0, LargestWindow);
        }),
        new("6.9.1", "a window of a stream beyond the largest", "GOAWAY FLOW_CONTROL_ERROR|RST_STREAM FLOW_CONTROL_ERROR", c =>
        {
            c.Get(1, Held);
            c.WindowUpdate(1, LargestWindow);
            c.WindowUpdate(1, LargestWindow);
        }),
        new("6.9.2", "INITIAL_WINDOW_SIZE that takes a stream's window beyond the largest", "GOAWAY FLOW_CONTROL_ERROR", c =>
        {
            c.Get(1, Held);
            c.WindowUpdate(1, LargestWindow - 65_535);
            c.Setting(4, 65_536);
        }),
        new("6.9.1", "more DATA than the connection's window has", "GOAWAY FLOW_CONTROL_ERROR|RST_STREAM FLOW_CONTROL_ERROR", c =>
        {
            // Nobody reads a body of a method that is not served.
            c.Headers(1, Frame.EndHeaders, HeaderBlock.Request(Held, "POST"));
            c.Headers(3, Frame.EndHeaders, HeaderBlock.Request(Held, "POST"));
            for (var i = 0; i < 200; i++)
            {
                c.Send(Data, 0, 1, new byte[16_384]);
            }
        }),
        new("7", "GOAWAY with a code that nobody knows", "lives|closed|GOAWAY NO_ERROR", c => c.Send(GoAway, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF)),
        new("7", "RST_STREAM with a code that nobody knows", "lives", c =>
        {
            c.Get(1, Held);
            c.Reset(1, (ErrorCode)0xFF);
        }),
    ];
}
