using System.Buffers;

namespace Sluice.Edge.Memory;

/// <summary>
/// Gives rented buffers back to the pool that all share; while memory is full large ones are left to be collected, for the pool would keep them for minutes, and nothing would be free. Of the process, as
/// the pool and the memory are.
/// </summary>
internal static class ReturnedBuffers
{
    // Smaller ones are worth more in the pool.
    private const int Large = 64 * 1024;
    private static volatile bool _areDropped;

    /// <summary>Whether large ones are left to be collected.</summary>
    public static bool AreDropped
    {
        get => _areDropped;
        set => _areDropped = value;
    }

    /// <summary>Gives one back: it is not to be used any more.</summary>
    public static void Return(byte[] buffer)
    {
        if (!_areDropped || buffer.Length < Large)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
