using Sluice.Edge.Configuration;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Kept;

/// <summary>Asks a provider for what it keeps on the edge's own behalf, with the first of its credentials: what one account keeps another one has not.</summary>
internal sealed class KeptProvider(ProviderEndpoints endpoints)
{
    /// <summary>The most bytes of an object that is read whole.</summary>
    public const int MostOfObject = 32 * 1024 * 1024;

    /// <summary>Sends a request; the answer is the caller's to dispose of, and is read under the same deadline.</summary>
    /// <param name="revision">Under which its credentials are.</param>
    /// <param name="provider">Whom.</param>
    /// <param name="method">Of the request.</param>
    /// <param name="path">Behind its address.</param>
    /// <param name="content">What it is sent; null: nothing.</param>
    /// <param name="deadline">Of the whole.</param>
    /// <exception cref="HttpRequestException">The provider was not reached, broke off, or no credential of it is there.</exception>
    /// <exception cref="OperationCanceledException">Time ran out, or whoever asked left.</exception>
    public async Task<HandlerAnswer> SendAsync(EdgeRevision revision, ProviderResource provider, HttpMethod method, string path, HttpContent? content, Deadline deadline)
    {
        var opened = revision.Credentials.TryGetValue(provider.Name, out var credentials) ? credentials.Values : [];
        if (opened.IsEmpty && !provider.Credentials.IsEmpty)
        {
            throw new HttpRequestException($"No credential of the provider '{provider.Name}' could be opened.");
        }

        var endpoint = endpoints.Of(provider);
        var request = new HttpRequestMessage(method, new Uri(endpoint.Start + path)) { Content = content };
        try
        {
            if (!opened.IsEmpty)
            {
                var (name, value) = ProviderRequests.CredentialHeader(provider, credentials!.Use(0));
                request.Headers.TryAddWithoutValidation(name, value);
            }

            return new HandlerAnswer(request, await endpoint.Connections.SendAsync(request, deadline.Token), deadline);
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>Reads a JSON object of the provider's; null: it answered with a failure, or more than is read.</summary>
    /// <param name="revision">Under which its credentials are.</param>
    /// <param name="provider">Whom.</param>
    /// <param name="path">Behind its address.</param>
    /// <param name="deadline">Of the whole.</param>
    /// <exception cref="HttpRequestException">The provider was not reached, broke off, or no credential of it is there.</exception>
    /// <exception cref="IOException">The provider broke off.</exception>
    /// <exception cref="OperationCanceledException">Time ran out, or whoever asked left.</exception>
    public async Task<byte[]?> GetAsync(EdgeRevision revision, ProviderResource provider, string path, Deadline deadline)
    {
        using var answer = await SendAsync(revision, provider, HttpMethod.Get, path, null, deadline);
        deadline.In(provider.Timeouts.Idle);
        return answer.IsSuccess ? await ReadAsync(answer, MostOfObject) : null;
    }

    /// <summary>Reads an answer of at most so many bytes whole; null: it is larger.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="most">So many.</param>
    /// <param name="moved">Told of each piece that comes; null: nobody is.</param>
    /// <exception cref="IOException">The provider broke off.</exception>
    public static async Task<byte[]?> ReadAsync(UpstreamAnswer answer, int most, Action? moved = null)
    {
        using var body = new PooledBytes((int)Math.Clamp(answer.Length ?? 0, 1024, most));
        for (int count; (count = await answer.ReadAsync(body.Room())) > 0;)
        {
            body.Advance(count);
            moved?.Invoke();
            if (body.Length > most)
            {
                return null;
            }
        }

        return body.Span.ToArray();
    }
}
