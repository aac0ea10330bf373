using System.IO.Hashing;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>Which requests some records are of, in eight bytes each: a hash of the request's id.</summary>
internal static class RequestIndex
{
    /// <summary>The hash of an id.</summary>
    public static ulong HashOf(string request) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(request.AsSpan()));

    /// <summary>Of a file of records.</summary>
    public static async Task<ulong[]> OfAsync(byte[] file) => [.. (await RecordParquet.ReadRequestsAsync(file)).Select(HashOf)];
}

/// <summary>Which requests have records in batches that are in no file yet.</summary>
internal sealed class WaitingRequests
{
    private readonly Queue<(long Batch, ulong[] Requests)> _batches = new();

    /// <summary>Adds a batch's.</summary>
    /// <param name="batch">Greater than those before.</param>
    /// <param name="records">The batch's.</param>
    /// <param name="firstWaiting">The first batch that is in no file.</param>
    public void Add(long batch, IEnumerable<AttemptRecord> records, long firstWaiting)
    {
        _batches.Enqueue((batch, [.. records.Select(record => RequestIndex.HashOf(record.RequestId))]));
        LetGo(firstWaiting);
    }

    /// <summary>Whether there is a record of a request, by the hash of its id.</summary>
    public bool Has(ulong request, long firstWaiting)
    {
        LetGo(firstWaiting);
        return _batches.Any(batch => batch.Requests.AsSpan().Contains(request));
    }

    private void LetGo(long firstWaiting)
    {
        while (_batches.TryPeek(out var oldest) && oldest.Batch < firstWaiting)
        {
            _batches.Dequeue();
        }
    }
}
