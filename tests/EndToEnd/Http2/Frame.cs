namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>One frame of HTTP/2: RFC 9113 §4.1.</summary>
/// <param name="Type">As the wire has it: also of types that nobody knows.</param>
internal sealed record Frame(FrameType Type, byte Flags, int Stream, byte[] Payload)
{
    /// <summary>Of DATA and HEADERS: nothing of the stream comes after it.</summary>
    public const byte EndStream = 0x1;

    /// <summary>Of SETTINGS and PING: an acknowledgement.</summary>
    public const byte Ack = 0x1;

    /// <summary>Of HEADERS and CONTINUATION: the block of headers ends.</summary>
    public const byte EndHeaders = 0x4;

    /// <summary>Of DATA and HEADERS: the first byte tells how much padding there is.</summary>
    public const byte Padded = 0x8;

    /// <summary>Of HEADERS: a priority stands before the block.</summary>
    public const byte Priority = 0x20;

    /// <summary>Whether a flag is set.</summary>
    public bool Has(byte flag) => (Flags & flag) != 0;
}

/// <summary>RFC 9113 §6.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>RFC 9113 §7, named as there.</summary>
internal enum ErrorCode
{
    NO_ERROR = 0,
    PROTOCOL_ERROR = 1,
    INTERNAL_ERROR = 2,
    FLOW_CONTROL_ERROR = 3,
    SETTINGS_TIMEOUT = 4,
    STREAM_CLOSED = 5,
    FRAME_SIZE_ERROR = 6,
    REFUSED_STREAM = 7,
    CANCEL = 8,
    COMPRESSION_ERROR = 9,
    CONNECT_ERROR = 10,
    ENHANCE_YOUR_CALM = 11,
    INADEQUATE_SECURITY = 12,
    HTTP_1_1_REQUIRED = 13,
}
