using Microsoft.AspNetCore.Http;
using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Targets;

/// <summary>The head of a provider's answer.</summary>
internal sealed class ToldAnswer(int status, params (string Name, string Value)[] headers) : UpstreamAnswer
{
    public override int Status => status;

    public override long? Length => 0;

    public override bool IsEventStream => false;

    public override string? Header(string name) => headers.FirstOrDefault(h => string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase)).Value;

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
