using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Identity;
using Sluice.Edge.Identity.Tokens;
using Sluice.Edge.Tls;
using Sluice.Edge.Tracing;
using Sluice.Revisions.Tokens;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 1, identify: whom a request is for, by its key or token or, without either, by the certificate that its client has shown, and by nothing else.</summary>
internal sealed class Identification(KeyCache keys, BearerTokens tokens, ClientIdentities clients)
{
    private static readonly Identified Unchecked = new(null, new ClientError(
        503, "The key could not be checked at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1)));

    private static readonly Identified Elsewhere = new(null, new ClientError(403, "This key may not be used from this address.", "address_not_allowed"));

    /// <summary>The caller, or why there is none. Keys come as each dialect's clients send them.</summary>
    public ValueTask<Identified> IdentifyAsync(in Arrival arrival)
    {
        var http = arrival.Http;
        var (header, key) = KeyOf(http.Request.Headers);
        if (key.IsEmpty && http.Request.QueryString.HasValue && DialectTable.OfPath(http.Request.Path.Value).TakesKeyInQuery)
        {
            header = http.Request.Query["key"].ToString();
            key = header.AsMemory().Trim();
        }

        return IdentifyAsync(arrival, header, key);
    }

    /// <summary>The caller of a key that came otherwise than in a header.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="header">The text that the key is a part of.</param>
    /// <param name="key">Empty: none was given.</param>
    public ValueTask<Identified> IdentifyAsync(in Arrival arrival, string header, ReadOnlyMemory<char> key) =>
        arrival.Trace is { } trace ? TraceAsync(trace, arrival, header, key) : LookAsync(arrival, header, key);

    private async ValueTask<Identified> TraceAsync(RequestTrace trace, Arrival arrival, string header, ReadOnlyMemory<char> key)
    {
        using var step = RequestTrace.Step("identify");
        var identified = await LookAsync(arrival, header, key);
        trace.Identified(identified.Caller);
        return identified;
    }

    private ValueTask<Identified> LookAsync(in Arrival arrival, string header, ReadOnlyMemory<char> key)
    {
        var http = arrival.Http;
        if (key.IsEmpty)
        {
            if (arrival.Revision.Certificates.IdentifiesClients && ByCertificate(http, arrival) is { } shown)
            {
                return shown;
            }

            return ValueTask.FromResult(new Identified(null, new ClientError(
                401, "No API key was given. Send it as 'Authorization: Bearer <key>' (or in x-api-key, api-key or x-goog-api-key).", "invalid_api_key")));
        }

        try
        {
            if (!ConnectionKey.TryDigest(http, header, key.Span, out var digest))
            {
                return ValueTask.FromResult(Judge(http, null));
            }

            if (arrival.Revision.Plan.Issuers.Count > 0 && TokenCheck.MayBe(key.Span))
            {
                var bearer = tokens.IdentifyAsync(arrival.Revision, digest, key, http.RequestAborted);
                return bearer.IsCompletedSuccessfully ? bearer : WaitAsync(bearer);
            }

            var known = keys.IdentifyAsync(digest, key, http.RequestAborted);
            return known.IsCompletedSuccessfully ? ValueTask.FromResult(Judge(http, known.GetAwaiter().GetResult())) : WaitAsync(http, known);
        }
        catch (SiloUnreachableException)
        {
            return ValueTask.FromResult(Unchecked);
        }
    }

    private ValueTask<Identified>? ByCertificate(HttpContext http, in Arrival arrival)
    {
        try
        {
            return clients.Identify(http, arrival.Revision) is not { } bearer ? null : bearer.IsCompletedSuccessfully ? bearer : WaitAsync(bearer);
        }
        catch (SiloUnreachableException)
        {
            return ValueTask.FromResult(Unchecked);
        }
    }

    private static async ValueTask<Identified> WaitAsync(ValueTask<Identified> bearer)
    {
        try
        {
            return await bearer;
        }
        catch (SiloUnreachableException)
        {
            return Unchecked;
        }
    }

    private static async ValueTask<Identified> WaitAsync(HttpContext http, ValueTask<Caller?> known)
    {
        try
        {
            return Judge(http, await known);
        }
        catch (SiloUnreachableException)
        {
            return Unchecked;
        }
    }

    private static Identified Judge(HttpContext http, Caller? caller) => caller is not null
        ? caller.Addresses is { } allowed && !(http.Connection.RemoteIpAddress is { } from && allowed.Contains(from)) ? Elsewhere : new Identified(caller, null)
        : new Identified(null, new ClientError(401, "Incorrect API key provided: it is unknown, expired or revoked.", "invalid_api_key"));

    /// <summary>The key, and the header's value that it is a part of; empty: there is none.</summary>
    public static (string Header, ReadOnlyMemory<char> Key) KeyOf(IHeaderDictionary headers)
    {
        const string Bearer = "Bearer ";
        if (headers.Authorization is [{ } authorization] && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return (authorization, authorization.AsMemory(Bearer.Length).Trim());
        }

        var header = headers["x-api-key"] is [{ } xApiKey] ? xApiKey
            : headers["api-key"] is [{ } apiKey] ? apiKey
            : headers["x-goog-api-key"] is [{ } googApiKey] ? googApiKey
            : "";
        return (header, header.AsMemory().Trim());
    }
}

/// <summary>Exactly one of the two is set.</summary>
internal readonly record struct Identified(Caller? Caller, ClientError? Error);
