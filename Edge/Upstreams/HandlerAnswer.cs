using Microsoft.AspNetCore.Http;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Upstreams;

/// <summary>An answer that came through .NET's own client: over TLS, HTTP/2, or from a provider inside the process.</summary>
internal sealed class HandlerAnswer(HttpRequestMessage request, HttpResponseMessage response, Deadline deadline) : UpstreamAnswer
{
    private Stream? _body;

    public override int Status => (int)response.StatusCode;

    public override long? Length => response.Content.Headers.ContentLength;

    public override bool IsEventStream => string.Equals(response.Content.Headers.ContentType?.MediaType, "text/event-stream", StringComparison.OrdinalIgnoreCase);

    public override string? Header(string name) => response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    public override void CopyHeadersTo(HttpResponse to)
    {
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (HeaderRules.PassesFromProvider(name))
            {
                to.Headers[name] = values.Count == 1 ? values.ToString() : values.ToArray();
            }
        }

        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            if (HeaderRules.PassesFromProvider(name))
            {
                to.Headers[name] = values.ToString();
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            _body ??= await response.Content.ReadAsStreamAsync(deadline.Token);
            return await _body.ReadAsync(buffer, deadline.Token);
        }
        catch (HttpRequestException e)
        {
            throw new IOException("The upstream broke off.", e);
        }
    }

    public override void Cancel() => response.Dispose();

    public override void Dispose()
    {
        response.Dispose();
        request.Dispose();
    }
}
