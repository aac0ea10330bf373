using static Sluice.Tests.EndToEnd.Http2.FrameType;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>Requests whose headers are not valid, and their compression: RFC 9113 §8, RFC 7541.</summary>
internal static class HeaderCases
{
    private const string Path = "/h2/x";
    private const string Held = "/h2/held";
    private const byte Whole = Frame.EndHeaders | Frame.EndStream;
    private const string Malformed = "GOAWAY PROTOCOL_ERROR|RST_STREAM PROTOCOL_ERROR";
    private static readonly byte[] Request = HeaderBlock.Of(HeaderBlock.Request(Path));

    public static IEnumerable<ProtocolCase> All =>
    [
        With("8.2.1", "a name with a capital letter", Malformed, ("X-Own", "y")),
        With("8.2.1", "a name with a space", "400", ("x own", "y")),
        With("8.2.1", "a name with a colon", "400", ("x:own", "y")),
        With("8.2.1", "a name with a bracket", "400", ("x[own", "y")),
        With("8.2.1", "a name with a tabulator", "400", ("x\town", "y")),
        With("8.2.1", "a name beyond ASCII", "400|" + Malformed, ("x\u00e9", "y")),
        With("8.2.1", "a name with a line feed", "400", ("x\nown", "y")),
        With("8.2.1", "no name", "GOAWAY COMPRESSION_ERROR", ("", "y")),
        With("8.2.1", "a value that begins with a space", "200", ("x", " y")) with { IsDeviation = true },
        With("8.2.1", "a value with a line feed", Malformed, ("x", "y\nz: 1")),
        With("8.2.1", "a value with a carriage return", Malformed, ("x", "y\rz: 1")),
        With("8.2.1", "a value with NUL", Malformed, ("x", "y\0z")),
        With("8.2.2", "connection", Malformed, ("connection", "keep-alive")),
        With("8.2.2", "transfer-encoding", "400", ("transfer-encoding", "chunked")),
        With("8.2.2", "upgrade", "400", ("upgrade", "h2c")),
        With("8.2.2", "keep-alive", "400", ("keep-alive", "1")),
        With("8.2.2", "proxy-connection", "400", ("proxy-connection", "keep-alive")),
        With("8.2.2", "te other than trailers", Malformed, ("te", "trailers, deflate")),
        With("8.2.2", "te: trailers", "200", ("te", "trailers")),
        With("8.3", "a pseudo-header that nobody knows", Malformed, (":own", "y")),
        With("8.3", "a pseudo-header of answers", Malformed, (":status", "200")),
        With("8.3", ":method twice", Malformed, (":method", "GET")),
        With("8.3", ":scheme twice", Malformed, (":scheme", "http")),
        With("8.3", ":path twice", Malformed, (":path", Path)),
        With("8.3", ":authority twice", Malformed, (":authority", "b")),
        With("8.3.1", "a host that is another one than :authority", "200", ("host", "b")) with { IsDeviation = true },
        Of("8.3", "a pseudo-header behind others", Malformed, (":method", "GET"), (":scheme", "http"), (":authority", "a"), ("x", "y"), (":path", Path)),
        Of("8.3.1", "no :method", Malformed, (":scheme", "http"), (":path", Path), (":authority", "a")),
        Of("8.3.1", "no :scheme", Malformed, (":method", "GET"), (":path", Path), (":authority", "a")),
        Of("8.3.1", "no :path", Malformed, (":method", "GET"), (":scheme", "http"), (":authority", "a")),
        Of("8.3.1", "an empty :path", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", ""), (":authority", "a")),
        Of("8.3.1", "a :path that does not begin with a slash", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", "h2/x"), (":authority", "a")),
        Of("8.3.1", "a scheme that is not the connection's", "400|" + Malformed, (":method", "GET"), (":scheme", "https"), (":path", Path), (":authority", "a")),
        Of("8.3.1", "an authority with a user", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", Path), (":authority", "me@a")),
        Of("8.5", "CONNECT with a path", Malformed, (":method", "CONNECT"), (":scheme", "http"), (":path", Path), (":authority", "a")),
        Of("8.3.1", "a :path with a space and a line", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", "/h2/x HTTP/1.1\r\nX: y"), (":authority", "a")),
        Of("8.3.1", "a :path with a space", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", "/h2/x y"), (":authority", "a")),
        Of("8.3.1", "a :path with a fragment", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", "/h2/x#y"), (":authority", "a")),
        Of("8.3.1", "a :path that is a whole address", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", "http://b/h2/x"), (":authority", "a")),
        Of("8.3.1", "a :method with a space", "400|" + Malformed, (":method", "GET /h2/y HTTP/1.1"), (":scheme", "http"), (":path", Path), (":authority", "a")),
        Of("8.3.1", "an :authority with a line", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", Path), (":authority", "a\r\nX: y")),
        Of("8.3.1", "an :authority with a path", "400|" + Malformed, (":method", "GET"), (":scheme", "http"), (":path", Path), (":authority", "a/b")),
        Of("8.3.1", "a :scheme that is none", "400|" + Malformed, (":method", "GET"), (":scheme", "http://a/?"), (":path", Path), (":authority", "a")),
        Of("8.5", "CONNECT", "405", (":method", "CONNECT"), (":authority", "a:80")),
        Of("8.3.1", "TRACE", "405", HeaderBlock.Request(Path, "TRACE")),
        Body("8.1", "trailers", "200", c => c.Headers(1, Whole, ("x", "y"))),
        Body("8.1", "trailers that do not end the request", Malformed, c => c.Headers(1, Frame.EndHeaders, ("x", "y"))),
        Body("8.1", "a pseudo-header in trailers", Malformed, c => c.Headers(1, Whole, (":method", "POST"))),
        new("8.1.1", "fewer bytes than content-length says", "400|RST_STREAM PROTOCOL_ERROR|GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Post(1, Path, ("content-length", "2"));
            c.Send(Data, Frame.EndStream, 1, 65);
        }),
        new("8.1.1", "more bytes than content-length says", "400|RST_STREAM PROTOCOL_ERROR|GOAWAY PROTOCOL_ERROR", c =>
        {
            c.Post(1, Held, ("content-length", "2"));
            c.Send(Data, 0, 1, 65);
            c.Send(Data, Frame.EndStream, 1, 65, 65);
        }),
        new("8.1.1", "no bytes where content-length says some", "400|" + Malformed, c => c.Headers(1, Whole, HeaderBlock.Request(Path, "POST", ("content-length", "2")))),
        Block("HPACK 2.3.3", "an index beyond the tables", [0xFF, 0x80, 0x01]),
        Block("HPACK 6.1", "index 0", [0x80]) with { Outcome = "GOAWAY INTERNAL_ERROR", IsDeviation = true },
        Block("HPACK 6.2", "a literal that is cut off", [0x00, 0x0F, 0x78]),
        Block("HPACK 4.2", "a change of the table's size at a block's end", [.. Request, 0x20]),
        Block("HPACK 6.3", "a table beyond what was offered", [0x3F, 0xE1, 0xFF, 0x03, .. Request]),
        Block("HPACK 5.1", "an integer beyond all numbers", [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
        Block("HPACK 5.2", "padding of Huffman's code of more than seven bits", [.. Request, 0x00, 0x01, 0x78, 0x82, 0xFF, 0xFF]),
        Block("HPACK 5.2", "padding of Huffman's code with zeros", [.. Request, 0x00, 0x01, 0x78, 0x81, 0x18]),
        Block("HPACK 5.2", "the end of a string within Huffman's code", [.. Request, 0x00, 0x01, 0x78, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
        new("HPACK 6", "names and values by index, in Huffman's code, and into the table", "200", c => c.Send(Headers, Whole, 1, [0x82, 0x86, 0x44, 0x05, .. "/h2/x"u8, 0x41, 0x01, 0x61, 0x40, 0x01, 0x78, 0x81, 0x1F])),
    ];

    // A request with these headers besides.
    private static ProtocolCase With(string section, string name, string outcome, (string Name, string Value) header) =>
        header.Name is [':', ..]
            ? Of(section, name, outcome, [(":method", "GET"), (":scheme", "http"), (":path", Path), (":authority", "a"), header])
            : Of(section, name, outcome, HeaderBlock.Request(Path, "GET", header));

    private static ProtocolCase Of(string section, string name, string outcome, params (string Name, string Value)[] headers) => new(section, name, outcome, c => c.Headers(1, Whole, headers));

    private static ProtocolCase Block(string section, string name, byte[] block) => new(section, name, "GOAWAY COMPRESSION_ERROR", c => c.Send(Headers, Whole, 1, block));

    private static ProtocolCase Body(string section, string name, string outcome, Action<FramedConnection> rest) => new(section, name, outcome, c =>
    {
        c.Post(1, Path);
        c.Send(Data, 0, 1, 65);
        rest(c);
    });
}
