using System.Buffers.Binary;

namespace Sluice.Edge.Tokens;

/// <summary>The size of an image, read from the begin of its file: PNG, GIF, JPEG, WebP.</summary>
internal static class ImageSize
{
    private const int FrameHeight = 5;
    private const int FrameWidth = 7;

    /// <summary>Width and height in pixels; false where it is none of these, or the size stands beyond what is given.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, out (int Width, int Height) size)
    {
        size = file switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] when file.Length >= 24 => (BinaryPrimitives.ReadInt32BigEndian(file[16..]), BinaryPrimitives.ReadInt32BigEndian(file[20..])),
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] when file.Length >= 10 => (BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..])),
            [0xFF, 0xD8, ..] => OfJpeg(file[2..]),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] when file.Length >= 30 => OfWebP(file[12..]),
            _ => default,
        };
        return size is { Width: > 0, Height: > 0 };
    }

    // Segments follow each other; a frame's tells the size.
    private static (int Width, int Height) OfJpeg(ReadOnlySpan<byte> segments)
    {
        while (segments.Length >= 9 && segments[0] == 0xFF)
        {
            var marker = segments[1];
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return (BinaryPrimitives.ReadUInt16BigEndian(segments[FrameWidth..]), BinaryPrimitives.ReadUInt16BigEndian(segments[FrameHeight..]));
            }

            var length = 2 + BinaryPrimitives.ReadUInt16BigEndian(segments[2..]);
            if (length > segments.Length || marker is 0xD9 or 0xDA)
            {
                return default;
            }

            segments = segments[length..];
        }

        return default;
    }

    private static (int Width, int Height) OfWebP(ReadOnlySpan<byte> chunk) => chunk[3] switch
    {
        (byte)' ' => (BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(chunk[16..]) & 0x3FFF),
        (byte)'L' => OfLossless(BinaryPrimitives.ReadUInt32LittleEndian(chunk[9..])),
        (byte)'X' => (1 + OfThree(chunk[12..]), 1 + OfThree(chunk[15..])),
        _ => default,
    };

    private static (int Width, int Height) OfLossless(uint bits) => ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);

    private static int OfThree(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
}
