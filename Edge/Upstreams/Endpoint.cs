using System.Collections.Concurrent;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams.Http1;

namespace Sluice.Edge.Upstreams;

/// <summary>How one provider is called.</summary>
/// <param name="Direct">Its connections where they need neither TLS nor HTTP/2; null for others.</param>
/// <param name="Connections">Its connections of .NET's own client.</param>
/// <param name="Start">Its address, without a slash at the end.</param>
/// <param name="Dialect">What it speaks.</param>
internal sealed record Endpoint(Http1Pool? Direct, HttpMessageInvoker Connections, string Start, Dialect Dialect)
{
    // As many as its targets have models.
    private readonly ConcurrentDictionary<(string Model, ModelOperation Operation, bool IsStreamed, string? Way), Uri> _addresses = new();

    /// <summary>Where it is asked.</summary>
    /// <param name="operation">What for; one that its dialect has.</param>
    /// <param name="model">The name that it reads.</param>
    /// <param name="isStreamed">Whether the answer is to be a stream.</param>
    /// <param name="way">Of embeddings: the way by which they are asked for; else null.</param>
    public Uri AddressOf(ModelOperation operation, string model, bool isStreamed, string? way) => _addresses.GetOrAdd((model, operation, isStreamed, way), static (asked, endpoint) => new Uri(endpoint.Start + asked.Operation switch
    {
        ModelOperation.Embeddings => endpoint.Dialect.Embeddings!.PathOf(asked.Model, asked.Way!),
        ModelOperation.CountTokens => endpoint.Dialect.CountPathOf(asked.Model),
        ModelOperation.Chat => endpoint.Dialect.PathOf(asked.Model, asked.IsStreamed),
        _ => PassedCalls.PathOf(asked.Operation),
    }), this);
}
