using System.Numerics;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Bodies;

/// <summary>The room of one request's body, until the request ends. Of one request alone: not for several threads.</summary>
/// <param name="bodies">Which bounds it.</param>
/// <param name="tenant">Whose it is; null: nobody's.</param>
internal sealed class HeldBody(HeldBodies bodies, string? tenant) : IDisposable
{
    private long _bytes;

    /// <summary>Why there was no room; null: there was.</summary>
    public ClientError? Refusal { get; private set; }

    /// <summary>Takes room for so many bytes of the body in all; false: there is none.</summary>
    public bool TryHold(long length)
    {
        // As large as the buffer is that is rented for it.
        var bytes = length <= HeldBodies.LeastCounted ? 0 : (long)BitOperations.RoundUpToPowerOf2((ulong)length);
        if (bytes <= _bytes)
        {
            return true;
        }

        Refusal = bodies.Take(tenant, _bytes, bytes);
        _bytes = Refusal is null ? bytes : _bytes;
        return Refusal is null;
    }

    public void Dispose()
    {
        if (_bytes > 0)
        {
            bodies.Return(tenant, _bytes);
            _bytes = 0;
        }
    }
}
