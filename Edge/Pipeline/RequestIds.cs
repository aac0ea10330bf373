using System.Globalization;
using System.Security.Cryptography;

namespace Sluice.Edge.Pipeline;

/// <summary>Ids of requests: they tell when the request came, to the millisecond, sort by time, and never meet those of another edge.</summary>
internal sealed class RequestIds(TimeProvider time)
{
    private readonly string _start = RandomNumberGenerator.GetHexString(8, lowercase: true);

    private long _last;

    /// <summary>A new id, 31 characters.</summary>
    public string Next() => string.Create(CultureInfo.InvariantCulture, $"req_{time.GetUtcNow().ToUnixTimeMilliseconds():x11}{_start}{(uint)Interlocked.Increment(ref _last):x8}");
}
