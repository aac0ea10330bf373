using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Serialization.Configuration;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>An Orleans client whose bytes are changed on their way out, inside TLS: what an edge's certificate in an attacker's hands can send.</summary>
public sealed partial class Forgery
{
    private const int Lengths = 2 * sizeof(int);
    private const uint DirectionMask = 0x000F_0000;

    private string _id = "";

    /// <summary>Whether the connection introduces itself as a silo's own client.</summary>
    public bool OfIdentity { get; init; }

    /// <summary>Whether messages name a silo's own client as their sender.</summary>
    public bool OfSender { get; set; }

    /// <summary>Whether calls say that they are answers.</summary>
    public bool OfDirection { get; set; }

    /// <summary>Stands between a client and its connections, and lets it name any type.</summary>
    public void UseOn(IClientBuilder client) => client
        .Configure<TypeManifestOptions>(types => types.AllowAllTypes = true)
        .Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add("Sluice.Tests"))
        .Configure<ClientConnectionOptions>(connections => connections.ConfigureConnection(c => c.Use(next => async connection =>
    {
        var transport = connection.Transport;
        var output = new Pipe();
        connection.Transport = new Forged(transport.Input, output.Writer);
        var pump = PumpAsync(output.Reader, transport.Output);
        await next(connection);
        await output.Writer.CompleteAsync();
        await pump;
    })));

    private async Task PumpAsync(PipeReader from, PipeWriter to)
    {
        var isFirst = true;
        while (true)
        {
            var read = await from.ReadAsync();
            var rest = read.Buffer;
            while (Take(ref rest, isFirst) is { } frame)
            {
                isFirst = false;
                if ((await to.WriteAsync(frame)).IsCompleted)
                {
                    await from.CompleteAsync();
                    return;
                }
            }

            from.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private byte[]? Take(ref ReadOnlySequence<byte> rest, bool isPreamble)
    {
        if (rest.Length < Lengths)
        {
            return null;
        }

        var lengths = rest.Slice(0, Lengths).ToArray();
        var first = BinaryPrimitives.ReadInt32LittleEndian(lengths);
        var length = isPreamble ? sizeof(int) + first : Lengths + first + BinaryPrimitives.ReadInt32LittleEndian(lengths.AsSpan(sizeof(int)));
        if (rest.Length < length)
        {
            return null;
        }

        var frame = rest.Slice(0, length).ToArray();
        rest = rest.Slice(length);
        if (isPreamble)
        {
            _id = Id().Match(Encoding.Latin1.GetString(frame)).Groups["id"].Value;
            return OfIdentity ? Rename(frame) : frame;
        }

        if (OfDirection)
        {
            var flags = BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(Lengths));
            BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(Lengths), (flags & ~DirectionMask) | (2 << 16));
        }

        return OfSender ? Rename(frame) : frame;
    }

    // The sender comes first. The name keeps its length, so that all else stays in its place.
    private byte[] Rename(byte[] frame)
    {
        var at = Encoding.Latin1.GetString(frame).IndexOf(_id, StringComparison.Ordinal);
        Assert.True(at > 0, "the frame names its sender");
        "hosted-"u8.CopyTo(frame.AsSpan(at));
        return frame;
    }

    [GeneratedRegex("(?<id>[0-9a-f]{32})(?![0-9a-f])", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Id();

    private sealed record Forged(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
