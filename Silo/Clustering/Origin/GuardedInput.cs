using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization.Session;

namespace Sluice.Silo.Clustering.Origin;

/// <summary>
/// What a client sends to a gateway, given on only as far as its heads were looked at. Nothing is copied. A head that breaks the rules ends the connection
/// before Orleans sees it.
/// </summary>
internal sealed class GuardedInput(PipeReader inner, SerializerSession session, int largestHeader, string peer, ILogger log) : PipeReader
{
    private const int LargestPreamble = 1024;

    private GrainId? _client;

    // Of what the buffer holds: may be seen, because it was looked at. It can be more than is there yet: bodies need no look.
    private long _seen;
    private ReadOnlySequence<byte> _buffer;
    private ReadOnlySequence<byte> _offered;
    private long _offeredBefore;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var read = await inner.ReadAsync(cancellationToken);
            if (Offer(read) is { } offer)
            {
                return offer;
            }

            inner.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        while (inner.TryRead(out var read))
        {
            if (Offer(read) is { } offer)
            {
                result = offer;
                return true;
            }

            inner.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        result = default;
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var taken = _offered.Slice(0, consumed).Length;
        var left = _offered.Length - taken;

        // Whoever has looked at all that was offered waits for more, whatever is behind it.
        var all = _offered.Slice(examined).IsEmpty;
        _seen -= taken;
        _offeredBefore = all ? left : 0;
        inner.AdvanceTo(consumed, all ? _buffer.End : examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private ReadResult? Offer(in ReadResult read)
    {
        _buffer = read.Buffer;
        while (_seen < _buffer.Length && Look(_buffer.Slice(_seen)) is var more and > 0)
        {
            _seen += more;
        }

        _offered = _buffer.Slice(0, Math.Min(_seen, _buffer.Length));
        return _offered.Length > _offeredBefore || read.IsCompleted || read.IsCanceled ? new ReadResult(_offered, read.IsCanceled, read.IsCompleted) : null;
    }

    // How many bytes from here on may be seen; 0: a head is not whole yet.
    private long Look(in ReadOnlySequence<byte> rest)
    {
        try
        {
            return _client is { } client ? LookAtMessage(rest, client) : LookAtPreamble(rest);
        }
        catch (Exception e) when (e is not ConnectionAbortedException)
        {
            throw End($"its bytes cannot be read: {e.Message}");
        }
    }

    private long LookAtPreamble(in ReadOnlySequence<byte> rest)
    {
        if (rest.Length < sizeof(int))
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[sizeof(int)];
        rest.Slice(0, sizeof(int)).CopyTo(bytes);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < 0 or > LargestPreamble)
        {
            throw End($"its introduction has {length} bytes");
        }

        if (rest.Length < sizeof(int) + length)
        {
            return 0;
        }

        var identity = ClientRules.ReadIdentity(rest.Slice(sizeof(int), length), session);
        session.Reset();
        if (ClientRules.RefuseIdentity(identity) is { } why)
        {
            throw End(why);
        }

        _client = identity;
        return sizeof(int) + length;
    }

    private long LookAtMessage(in ReadOnlySequence<byte> rest, GrainId client)
    {
        if (rest.Length < FrameHead.LengthsSize)
        {
            return 0;
        }

        var (header, body) = FrameHead.ReadLengths(rest);
        if (header <= 0 || header > largestHeader || body < 0)
        {
            throw End($"its message has a header of {header} and a body of {body} bytes");
        }

        if (rest.Length < FrameHead.LengthsSize + header)
        {
            return 0;
        }

        var head = FrameHead.Read(rest.Slice(FrameHead.LengthsSize, header), session);
        session.Reset();
        return ClientRules.Refuse(head, client) is { } why ? throw End(why) : (long)FrameHead.LengthsSize + header + body;
    }

    private ConnectionAbortedException End(string why)
    {
        log.LogWarning("The client at {Peer} is refused: {Reason}", peer, why);
        return new ConnectionAbortedException($"The client is refused: {why}");
    }
}
