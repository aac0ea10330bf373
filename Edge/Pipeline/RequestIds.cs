using System.Globalization;
using System.Security.Cryptography;

namespace Sluice.Edge.Pipeline;

/// <summary>Ids of requests: sort by time within an edge, and never meet those of another.</summary>
internal sealed class RequestIds(TimeProvider time)
{
    private readonly string _start = string.Create(
        CultureInfo.InvariantCulture, $"req_{time.GetUtcNow().ToUnixTimeMilliseconds():x11}{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

    private long _last;

    /// <summary>A new id, 31 characters.</summary>
    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{_start}{Interlocked.Increment(ref _last):x8}");
}
