using System.Buffers;
using Orleans.Runtime;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Session;
using Orleans.Serialization.WireProtocol;

namespace Sluice.Silo.Clustering.Origin;

/// <summary>
/// What a connection at a gateway port may say of itself. Orleans' gateway believes it, so that a client could send calls as if a silo had made them, take
/// the place of a silo's own client and get its answers, or answer what silos ask each other.
/// </summary>
internal static class ClientRules
{
    private const uint IdentityField = 1;
    private const uint LastField = 3;

    // Orleans keeps these names to itself.
    private static ReadOnlySpan<byte> ClientType => "sys.client"u8;

    private static ReadOnlySpan<byte> ClientOfSilo => "hosted-"u8;

    private static ReadOnlySpan<byte> StreamAgent => "sys.svc.stream.agent"u8;

    /// <summary>Whether a call's sender is a process outside the silos, as edges are.</summary>
    public static bool IsOutside(GrainId sender) => sender.Type.AsSpan().StartsWith(ClientType) && !sender.Key.AsSpan().StartsWith(ClientOfSilo);

    /// <summary>The id by which a connection introduces itself; null where it has none, or has it twice.</summary>
    public static GrainId? ReadIdentity(in ReadOnlySequence<byte> preamble, SerializerSession session)
    {
        var ids = session.CodecProvider.GetCodec<GrainId>();
        var reader = Reader.Create(preamble, session);
        reader.ReadFieldHeader().EnsureWireTypeTagDelimited();
        GrainId? identity = null;
        for (uint id = 0; ;)
        {
            var field = reader.ReadFieldHeader();
            if (field.IsEndBaseOrEndObject)
            {
                return identity;
            }

            id += field.FieldIdDelta;
            if (id > LastField || (id is IdentityField && identity is not null))
            {
                return null;
            }

            if (id is IdentityField)
            {
                identity = ids.ReadValue(ref reader, field);
            }
            else
            {
                reader.ConsumeUnknownField(field);
            }
        }
    }

    /// <summary>Why a connection that introduces itself so is refused; null: it may go on.</summary>
    public static string? RefuseIdentity(GrainId? client) => client is { } id && id.Type.AsSpan().SequenceEqual(ClientType) && IsOutside(id)
        ? null
        : $"it introduces itself as {client?.ToString() ?? "nobody"}, which is no client's name";

    /// <summary>Why a message of a client is refused; null: it may pass.</summary>
    public static string? Refuse(in FrameHead message, GrainId client)
    {
        if (!IsOf(message.Sender, client))
        {
            return $"it sends as {message.Sender}";
        }

        return message.Direction switch
        {
            FrameDirection.Request or FrameDirection.OneWay => null,

            // Silos ask clients nothing but to take what a stream has for them.
            FrameDirection.Response when message.Receiver.Type.AsSpan().StartsWith(StreamAgent) => null,
            FrameDirection.Response => $"it answers {message.Receiver}, which asks clients nothing",
            _ => $"its message is neither call nor answer ({message.Direction})",
        };
    }

    // What a client makes known to silos has its id, a plus sign, and one of its own.
    private static bool IsOf(GrainId sender, GrainId client)
    {
        var key = sender.Key.AsSpan();
        var own = client.Key.AsSpan();
        return sender.Type.AsSpan().SequenceEqual(ClientType) && key.StartsWith(own) && (key.Length == own.Length || key[own.Length] == (byte)'+');
    }
}
