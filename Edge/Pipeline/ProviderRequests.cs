using System.Runtime.CompilerServices;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Tracing;
using Sluice.Edge.Upstreams;
using Sluice.Edge.Upstreams.Http1;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>What a provider is sent: the body as it is, the caller's headers but for those of the connection and of its own credentials, and our credential.</summary>
internal static class ProviderRequests
{
    /// <summary>Sends the request of one attempt; <paramref name="credential"/> null for providers that ask for none, or the access token that was given for it.</summary>
    /// <exception cref="HttpRequestException">The provider could not be reached, or broke off.</exception>
    /// <exception cref="IOException">The provider broke off.</exception>
    /// <exception cref="OperationCanceledException">The client left, or time ran out.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<UpstreamAnswer> SendAsync(Arrival arrival, Endpoint endpoint, Uri address, ModelCall call, ReadOnlyMemory<byte> body, string? credential, bool isAccessToken, TimeProvider clock, Deadline deadline)
    {
        if (endpoint.Direct is { } pool && call is { Form: null, Pieces: null })
        {
            using var head = new RequestHead();
            head.Begin("POST", "", address.AbsolutePath, address.Query, pool.HostHeader);
            Write(arrival, call, credential, isAccessToken, address, body, clock, head, static (to, name, value) => to.Add(name, value));
            return await Http1Exchange.SendAsync(pool, head, body, isHead: false, isIdempotent: false, deadline.Token);
        }

        HttpContent content = call.Form is { } form ? new PiecedContent([body[..form.Model.Start], form.Name, body[(form.Model.Start + form.Model.Length)..]])
            : call.Pieces is { } pieces ? new PiecedContent(pieces) : new BodyContent(body);
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        try
        {
            Write(arrival, call, credential, isAccessToken, address, body, clock, request, static (to, name, value) => _ = to.Headers.TryAddWithoutValidation(name, value) || to.Content!.Headers.TryAddWithoutValidation(name, value));
            return new HandlerAnswer(request, await endpoint.Connections.SendAsync(request, deadline.Token), deadline);
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>The header by which a provider is shown a credential that is neither exchanged nor signed with.</summary>
    public static (string Name, string Value) CredentialHeader(ProviderResource provider, string credential) => provider.Header switch
    {
        null => DialectTable.Of(provider.Dialect).Credential(credential),
        { } header when string.Equals(header, "authorization", StringComparison.OrdinalIgnoreCase) => (header, $"Bearer {credential}"),
        { } header => (header, credential),
    };

    private static void Write<T>(in Arrival arrival, ModelCall call, string? credential, bool isAccessToken, Uri address, ReadOnlyMemory<byte> body, TimeProvider clock, T to, Action<T, string, string?> add)
    {
        add(to, "Content-Type", call.Form is { } form ? form.ContentType : "application/json");
        var headers = arrival.Http.Request.Headers;
        var nominated = NominatedHeaders.Of(headers.Connection);
        foreach (var (name, values) in headers)
        {
            if (arrival.Trace is not null && string.Equals(name, RequestTrace.Header, StringComparison.OrdinalIgnoreCase))
            {
                add(to, name, RequestTrace.Current);
            }
            else if (HeaderRules.PassesToProvider(name) && !(call.IsTranslated && call.Client.IsOwnHeader(name)) && nominated?.Contains(name) is not true)
            {
                AddAll(to, name, values, add);
            }
        }

        if (isAccessToken)
        {
            add(to, "Authorization", $"Bearer {credential}");
        }
        else if (credential is not null && call.Provider.Signs(credential))
        {
            foreach (var (name, value) in call.Provider.Sign(credential, address, body.Span, clock.GetUtcNow()))
            {
                add(to, name, value);
            }
        }
        else if (credential is not null)
        {
            var (name, value) = CredentialHeader(call.Matched.Target.Provider, credential);
            add(to, name, value);
        }

        if (call.Provider.Version is { } version && (call.IsTranslated || !headers.ContainsKey(version.Name)))
        {
            add(to, version.Name, version.Value);
        }
    }

    private static void AddAll<T>(T to, string name, StringValues values, Action<T, string, string?> add)
    {
        for (var i = 0; i < values.Count; i++)
        {
            add(to, name, values[i]);
        }
    }
}
