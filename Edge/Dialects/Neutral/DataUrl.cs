namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Data that stands in an address itself (RFC 2397), in base64.</summary>
internal static class DataUrl
{
    private static ReadOnlySpan<byte> Mark => ";base64,"u8;

    /// <summary>Whether an address is one.</summary>
    public static bool Is(ReadOnlySpan<byte> address) => address.StartsWith("data:"u8);

    /// <summary>Reads the media type and the data; false where it is not in base64.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> address, out ReadOnlyMemory<byte> type, out ReadOnlyMemory<byte> data)
    {
        (type, data) = (default, default);
        var comma = Is(address.Span) ? address.Span.IndexOf((byte)',') : -1;
        if (comma < 0 || !address.Span[..(comma + 1)].EndsWith(Mark))
        {
            return false;
        }

        type = address["data:".Length..(comma + 1 - Mark.Length)];
        var parameters = type.Span.IndexOf((byte)';');
        type = parameters < 0 ? type : type[..parameters];
        data = address[(comma + 1)..];
        return true;
    }
}
