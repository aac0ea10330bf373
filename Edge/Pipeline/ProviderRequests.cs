using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>What a provider is sent: the body as it is, the caller's headers but for those of the connection and of its own credentials, and our credential.</summary>
internal static class ProviderRequests
{
    /// <summary>The request for one attempt; <paramref name="credential"/> null for providers that ask for none.</summary>
    public static HttpRequestMessage Create(in Arrival arrival, Uri address, ReadOnlyMemory<byte> body, string? credential)
    {
        var content = new BodyContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        var headers = arrival.Http.Request.Headers;
        var nominated = HeaderRules.NominatedBy(headers.Connection);
        foreach (var (name, value) in headers)
        {
            if (HeaderRules.PassesToProvider(name) && nominated?.Contains(name) is not true)
            {
                _ = value.Count == 1
                    ? request.Headers.TryAddWithoutValidation(name, value[0])
                    : request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
            }
        }

        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        }

        return request;
    }
}
