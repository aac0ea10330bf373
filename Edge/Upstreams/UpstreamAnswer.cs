using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Upstreams;

/// <summary>An answer under way: its head is here, its body is read as it comes. Letting go of it before its end ends it at the upstream.</summary>
internal abstract class UpstreamAnswer : IDisposable
{
    /// <summary>The status, 100 to 999.</summary>
    public abstract int Status { get; }

    /// <summary>The body's length in bytes; null where it was not told.</summary>
    public abstract long? Length { get; }

    /// <summary>Whether the body is a stream of server-sent events.</summary>
    public abstract bool IsEventStream { get; }

    /// <summary>Whether the status is of 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The value of a header; null: it is not there.</summary>
    public abstract string? Header(string name);

    /// <summary>Puts the headers that pass from a model provider.</summary>
    public abstract void CopyHeadersTo(HttpResponse response);

    /// <summary>Reads some of the body; 0 at its end.</summary>
    /// <exception cref="IOException">The upstream broke off.</exception>
    /// <exception cref="OperationCanceledException">The client left, or time ran out.</exception>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer);

    /// <summary>Ends it at the upstream now, though letting go of it comes later. Nothing is read any more.</summary>
    public abstract void Cancel();

    public abstract void Dispose();
}
