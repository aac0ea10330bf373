using Microsoft.AspNetCore.Http;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Realtime;

/// <summary>A provider's answer to a request for a connection: a head alone.</summary>
/// <param name="status">101 where it was accepted.</param>
/// <param name="headers">Null: not known.</param>
internal sealed class HandshakeAnswer(int status, IReadOnlyDictionary<string, IEnumerable<string>>? headers) : UpstreamAnswer
{
    public override int Status => status;

    public override long? Length => 0;

    public override bool IsEventStream => false;

    public override string? Header(string name) =>
        headers?.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value?.FirstOrDefault();

    // None of them passes: they are of our connection.
    public override void CopyHeadersTo(HttpResponse response)
    {
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer) => ValueTask.FromResult(0);

    public override void Cancel()
    {
    }

    public override void Dispose()
    {
    }
}
