namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>What a client may do on a connection, and what the edge does then.</summary>
/// <param name="Section">Of RFC 9113, or of RFC 7541 where it says HPACK.</param>
/// <param name="Name">What the client does.</param>
/// <param name="Outcome">
/// <c>GOAWAY CODE</c>: the connection is ended with it; <c>RST_STREAM CODE</c>: the stream is; three digits: the request is answered so; <c>closed</c>: the connection is closed without
/// a word; <c>lives</c>: nothing happens, and the connection goes on. Several that are all right are separated by <c>|</c>.
/// </param>
/// <param name="Send">Adds it to what the connection sends, and may read what comes before it.</param>
/// <param name="IsDeviation">Whether the section asks for something else: the page says so (docs/http2.md).</param>
internal sealed record ProtocolCase(string Section, string Name, string Outcome, Func<FramedConnection, Task> Send, bool IsDeviation = false)
{
    private static readonly byte[] Fence = "the end."u8.ToArray();

    /// <summary>One that only sends.</summary>
    public ProtocolCase(string section, string name, string outcome, Action<FramedConnection> send)
        : this(section, name, outcome, connection =>
        {
            send(connection);
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Does it, and tells what the edge did first.</summary>
    public async Task<string> RunAsync(FramedConnection connection)
    {
        await Send(connection);
        connection.Send(FrameType.Ping, 0, 0, Fence);
        await connection.FlushAsync();
        var ends = "closed";
        while (await connection.ReadAsync(FrameType.GoAway, FrameType.RstStream, FrameType.Headers, FrameType.Ping) is { } frame)
        {
            switch (frame.Type)
            {
                case FrameType.GoAway when FramedConnection.CodeOf(frame) is ErrorCode.NO_ERROR:
                    // It takes no further stream, and answers those that it has.
                    ends = "GOAWAY NO_ERROR";
                    break;
                case FrameType.GoAway:
                    // RFC 9113 §5.4.1: the connection is closed behind it.
                    Assert.Null(await connection.ReadAsync(FrameType.Headers, FrameType.Ping));
                    return $"GOAWAY {FramedConnection.CodeOf(frame)}";
                case FrameType.RstStream:
                    return $"RST_STREAM {FramedConnection.CodeOf(frame)}";
                case FrameType.Headers:
                    return HeaderBlock.Status(frame.Payload);
                case FrameType.Ping when frame.Payload.AsSpan().SequenceEqual(Fence) && Outcome.Contains("lives", StringComparison.Ordinal):
                    return "lives";
            }
        }

        return ends;
    }

    public override string ToString() => $"{Section} {Name}";
}
