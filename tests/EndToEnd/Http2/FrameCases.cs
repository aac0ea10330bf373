using static Sluice.Tests.EndToEnd.Http2.FrameType;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>Frames by themselves: RFC 9113 §4 and §6.</summary>
internal static class FrameCases
{
    private const string Path = "/h2/x";
    private const string Held = "/h2/held";

    public static IEnumerable<ProtocolCase> All =>
    [
        new("4.1", "a frame of a type that nobody knows", "lives", c => c.Send((FrameType)0x16, 0xFF, 0, 1, 2, 3)),
        new("4.1", "flags that a PING does not have", "lives", c => c.Send(Ping, 0x16, 0, new byte[8])),
        new("4.1", "the reserved bit of a stream's number", "lives", c => c.Send(Ping, 0, int.MinValue, new byte[8])),
        new("4.2", "DATA of 16,384 bytes", "200", c =>
        {
            c.Post(1, Path);
            c.Send(Data, Frame.EndStream, 1, new byte[16_384]);
        }),
        new("4.2", "DATA beyond the largest frame", "GOAWAY FRAME_SIZE_ERROR", c =>
        {
            c.Post(1, Path);
            c.Send(Data, Frame.EndStream, 1, new byte[16_385]);
        }),
        new("4.2", "HEADERS beyond the largest frame", "GOAWAY FRAME_SIZE_ERROR", c => c.Headers(1, Frame.EndHeaders | Frame.EndStream, HeaderBlock.Request(Path, "GET", ("x", new string('y', 16_384))))),
        new("4.3", "another type of frame within a block of headers", "GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Headers(1, Frame.EndStream, HeaderBlock.Request(Path));
            c.Send(Priority, 0, 1, 0, 0, 0, 0, 16);
        }),
        new("4.3", "another stream's HEADERS within a block of headers", "GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Headers(1, Frame.EndStream, HeaderBlock.Request(Path));
            c.Get(3, Path);
        }),
        new("5.5", "an unknown frame within a block of headers", "GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Headers(1, Frame.EndStream, HeaderBlock.Request(Path));
            c.Send((FrameType)0x16, 0, 1);
        }),
        new("6.1", "DATA on stream 0", "GOAWAY PROTOCOL_ERROR", c => c.Send(Data, Frame.EndStream, 0, 1)),
        new("6.1", "DATA with padding", "200", c =>
        {
            c.Post(1, Path);
            c.Send(Data, Frame.EndStream | Frame.Padded, 1, 3, 65, 66, 0, 0, 0);
        }),
        new("6.1", "DATA whose padding is longer than it", "GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Post(1, Path);
            c.Send(Data, Frame.EndStream | Frame.Padded, 1, 6, 65, 66, 0, 0, 0);
        }),
        new("6.2", "HEADERS on stream 0", "GOAWAY PROTOCOL_ERROR", c => c.Get(0, Path)),
        new("6.2", "HEADERS with padding and a priority", "200", c =>
            c.Send(Headers, Frame.EndHeaders | Frame.EndStream | Frame.Padded | Frame.Priority, 1, [2, 0, 0, 0, 0, 16, .. HeaderBlock.Of(HeaderBlock.Request(Path)), 0, 0])),
        new("6.2", "HEADERS whose padding is longer than it", "GOAWAY PROTOCOL_ERROR", c =>
            c.Send(Headers, Frame.EndHeaders | Frame.EndStream | Frame.Padded, 1, [255, .. HeaderBlock.Of(HeaderBlock.Request(Path))])),
        new("6.3", "PRIORITY", "200", c =>
        {
            c.Send(Priority, 0, 1, 0, 0, 0, 0, 16);
            c.Get(1, Path);
        }),
        new("6.3", "PRIORITY on stream 0", "GOAWAY PROTOCOL_ERROR", c => c.Send(Priority, 0, 0, 0, 0, 0, 0, 16)),
        new("6.3", "PRIORITY of four bytes", "GOAWAY FRAME_SIZE_ERROR", c => c.Send(Priority, 0, 1, 0, 0, 0, 0)),
        new("6.3", "a stream that depends on itself", "GOAWAY PROTOCOL_ERROR", c => c.Send(Priority, 0, 1, 0, 0, 0, 1, 16)),
        new("6.4", "RST_STREAM on stream 0", "GOAWAY PROTOCOL_ERROR", c => c.Reset(0)),
        new("6.4", "RST_STREAM of an idle stream", "GOAWAY PROTOCOL_ERROR", c => c.Reset(1)),
        new("6.4", "RST_STREAM of three bytes", "GOAWAY FRAME_SIZE_ERROR", c =>
        {
            c.Get(1, Held);
            c.Send(RstStream, 0, 1, 0, 0, 0);
        }),
        new("6.5", "an acknowledgement of SETTINGS with a payload", "GOAWAY FRAME_SIZE_ERROR", c => c.Send(FrameType.Settings, Frame.Ack, 0, 0)),
        new("6.5", "SETTINGS on a stream", "GOAWAY PROTOCOL_ERROR", c => c.Send(FrameType.Settings, 0, 1, 0, 3, 0, 0, 0, 100)),
        new("6.5", "SETTINGS of five bytes", "GOAWAY FRAME_SIZE_ERROR", c => c.Send(FrameType.Settings, 0, 0, 0, 3, 0, 0, 0)),
        new("6.5.2", "ENABLE_PUSH of 2", "GOAWAY PROTOCOL_ERROR", c => c.Setting(2, 2)),
        new("6.5.2", "INITIAL_WINDOW_SIZE of 2^31", "GOAWAY FLOW_CONTROL_ERROR", c => c.Setting(4, 1u << 31)),
        new("6.5.2", "MAX_FRAME_SIZE of 16,383", "GOAWAY PROTOCOL_ERROR", c => c.Setting(5, 16_383)),
        new("6.5.2", "MAX_FRAME_SIZE of 2^24", "GOAWAY PROTOCOL_ERROR", c => c.Setting(5, 1 << 24)),
        new("6.5.2", "a setting that nobody knows", "200", c =>
        {
            c.Setting(0xFF, 1);
            c.Get(1, Path);
        }),
        new("6.6", "PUSH_PROMISE of a client", "GOAWAY PROTOCOL_ERROR", c => c.Send(PushPromise, Frame.EndHeaders, 1, [0, 0, 0, 2, .. HeaderBlock.Of(HeaderBlock.Request(Path))])),
        new("6.7", "PING on a stream", "GOAWAY PROTOCOL_ERROR", c => c.Send(Ping, 0, 1, new byte[8])),
        new("6.7", "PING of six bytes", "GOAWAY FRAME_SIZE_ERROR", c => c.Send(Ping, 0, 0, new byte[6])),
        new("6.7", "an acknowledgement of a PING that was not sent", "lives", c => c.Send(Ping, Frame.Ack, 0, new byte[8])),
        new("6.8", "GOAWAY on a stream", "GOAWAY PROTOCOL_ERROR", c => c.Send(GoAway, 0, 1, new byte[8])),
        new("6.9", "WINDOW_UPDATE of 0 on the connection", "GOAWAY PROTOCOL_ERROR", c => c.WindowUpdate(0, 0)),
        new("6.9", "WINDOW_UPDATE of 0 on a stream", "GOAWAY PROTOCOL_ERROR|RST_STREAM PROTOCOL_ERROR", c =>
        {
            c.Get(1, Held);
            c.WindowUpdate(1, 0);
        }),
        new("6.9", "WINDOW_UPDATE of three bytes", "GOAWAY FRAME_SIZE_ERROR", c => c.Send(WindowUpdate, 0, 0, 0, 0, 1)),
        new("6.10", "a block of headers in many frames", "200", c =>
        {
            var block = HeaderBlock.Of(HeaderBlock.Request(Path));
            c.Send(Headers, Frame.EndStream, 1, block.AsSpan(0, 5));
            c.Send(Continuation, 0, 1, block.AsSpan(5, 5));
            c.Send(Continuation, Frame.EndHeaders, 1, block.AsSpan(10));
        }),
        new("6.10", "CONTINUATION on stream 0 within a block of headers", "GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Headers(1, Frame.EndStream, HeaderBlock.Request(Path));
            c.Send(Continuation, Frame.EndHeaders, 0);
        }),
        new("6.10", "CONTINUATION behind the end of a block of headers", "GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Get(1, Held);
            c.Send(Continuation, Frame.EndHeaders, 1, HeaderBlock.Of(("x", "y")));
        }),
        new("6.10", "CONTINUATION behind DATA", "GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Post(1, Held);
            c.Send(Data, 0, 1, 65);
            c.Send(Continuation, Frame.EndHeaders, 1, HeaderBlock.Of(("x", "y")));
        }),
    ];
}
