using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Metering;
using Sluice.Edge.Prompts;
using Sluice.Edge.Targets;
using Sluice.Revisions.Reading;

namespace Sluice.Edge.Pipeline;

/// <summary>What every answer carries, and errors in the form that the caller's client understands.</summary>
internal static class Answers
{
    /// <summary>Puts the revision, whether it may be stale, the request's id, and the connection's end where the edge ends.</summary>
    public static void Stamp(in Arrival arrival)
    {
        var headers = arrival.Http.Response.Headers;
        headers["sluice-revision"] = arrival.Revision.Label;
        headers["sluice-request-id"] = arrival.RequestId;
        if (DialectTable.OfPath(arrival.Http.Request.Path.Value).RequestIdHeader is { } name)
        {
            headers[name] = arrival.RequestId;
        }

        StampCanary(arrival);
        if (arrival.IsStale)
        {
            headers["sluice-stale"] = "true";
        }

        if (arrival.IsLast)
        {
            Close(arrival.Http);
        }
    }

    /// <summary>Has the connection closed after what runs on it: told by a header or, in frames, which have none such, by GOAWAY.</summary>
    public static void Close(HttpContext http)
    {
        if (FramedHeaders.AreOf(http.Request))
        {
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        else
        {
            http.Response.Headers.Connection = "close";
        }
    }

    /// <summary>Says that a request is served under a canary, and which.</summary>
    public static void StampCanary(in Arrival arrival)
    {
        if (arrival.Revision.Stable is not null)
        {
            arrival.Http.Response.Headers["sluice-canary"] = arrival.Revision.CanaryName;
        }
    }

    /// <summary>Begins the answer anew, without what a provider's or upstream's answer has put; nothing was sent yet.</summary>
    public static void Restart(in Arrival arrival)
    {
        var prompt = arrival.Http.Response.Headers[PromptCalls.Header];
        arrival.Http.Response.Clear();
        arrival.Http.Features.Set<ClientError>(null);
        Stamp(arrival);
        if (prompt.Count > 0)
        {
            arrival.Http.Response.Headers[PromptCalls.Header] = prompt;
        }
    }

    /// <summary>Puts who served a model, by which price, and what is left of the caller's limits.</summary>
    public static void StampModel(HttpContext http, string provider, string model, Reservation reservation, DateTimeOffset now)
    {
        var headers = http.Response.Headers;
        headers["sluice-provider"] = provider;
        headers["sluice-model"] = model;
        if (reservation.PriceName is { } price)
        {
            headers["sluice-price"] = price;
        }

        if (reservation.Headers is { } rate && DialectTable.OfPath(http.Request.Path.Value) == DialectTable.Anthropic)
        {
            RateLimits.StampAnthropic(headers, rate, now);
        }
        else
        {
            StampLimits(http, reservation.Headers);
        }
    }

    /// <summary>Puts the cap of each answer as the provider was sent it, where it is lower than was asked for.</summary>
    public static void StampCap(HttpContext http, ModelCall call, Reservation reservation)
    {
        if (reservation.OutputBound < call.OutputBound)
        {
            Put(http.Response.Headers, "sluice-max-tokens", reservation.OutputBound / call.Answers);
        }
    }

    /// <summary>Puts how many attempts it took, where it took more than one.</summary>
    public static void StampAttempts(HttpContext http, Trial? trial)
    {
        if (trial is { Number: > 1 and var number })
        {
            Put(http.Response.Headers, "sluice-attempts", (long)number);
        }
    }

    /// <summary>Puts which attempt at a plain upstream it was.</summary>
    public static void StampAttempts(HttpContext http, int number) => Put(http.Response.Headers, "sluice-attempts", (long)number);

    /// <summary>Puts what is left of the caller's limits, under the names that OpenAI's clients read.</summary>
    public static void StampLimits(HttpContext http, RateHeaders? limits)
    {
        if (limits is not { } rate)
        {
            return;
        }

        var headers = http.Response.Headers;
        Put(headers, "x-ratelimit-limit-requests", rate.LimitRequests);
        Put(headers, "x-ratelimit-remaining-requests", rate.RemainingRequests);
        Put(headers, "x-ratelimit-reset-requests", rate.ResetRequests);
        Put(headers, "x-ratelimit-limit-tokens", rate.LimitTokens);
        Put(headers, "x-ratelimit-remaining-tokens", rate.RemainingTokens);
        Put(headers, "x-ratelimit-reset-tokens", rate.ResetTokens);
    }

    /// <summary>Puts the cost in US dollars, where there is a price.</summary>
    public static void StampCost(HttpContext http, long? nano)
    {
        if (nano is { } cost)
        {
            http.Response.Headers["sluice-cost"] = Money.Format(cost);
        }
    }

    /// <summary>An error in the form that the path's clients understand.</summary>
    public static Task WriteErrorAsync(HttpContext http, ClientError error)
    {
        var dialect = DialectTable.OfPath(http.Request.Path.Value);
        error = error with { Status = dialect.StatusOf(error.Status) };
        return WriteAsync(http, error, "application/json", dialect.WriteFailure(new Failure(error.Status, error.Message, error.Code, error.Param), http.Response.Headers["sluice-request-id"]));
    }

    /// <summary>An error as problem details (RFC 9457), for plain routes.</summary>
    public static Task WriteProblemAsync(HttpContext http, ClientError error) => WriteAsync(http, error, "application/problem+json", JsonSerializer.SerializeToUtf8Bytes(new
    {
        type = $"urn:sluice:problem:{error.Code.Replace('_', '-')}",
        title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(error.Status),
        status = error.Status,
        detail = error.Message,
    }));

    /// <summary>The error that the client was told by this gateway; null: none, or what it was told is another's.</summary>
    public static ClientError? Told(HttpContext http) => http.Response.StatusCode < StatusCodes.Status400BadRequest ? null : http.Features.Get<ClientError>();

    private static Task WriteAsync(HttpContext http, ClientError error, string type, byte[] body)
    {
        var response = http.Response;
        response.StatusCode = error.Status;
        response.ContentType = type;
        response.ContentLength = body.Length;
        http.Features.Set(error);
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
        {
            // RFC 6750, section 3.
            response.Headers.WWWAuthenticate = string.Equals(error.Code, "invalid_token", StringComparison.Ordinal) ? "Bearer error=\"invalid_token\"" : "Bearer";
        }

        if (string.Equals(error.Code, "insufficient_quota", StringComparison.Ordinal))
        {
            // Official clients try a 429 again, which is of no use before the budget's window ends.
            response.Headers["x-should-retry"] = "false";
        }

        return response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static void Put(IHeaderDictionary headers, string name, long? value)
    {
        if (value is { } number)
        {
            headers[name] = number.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static void Put(IHeaderDictionary headers, string name, TimeSpan? value)
    {
        if (value is { } time)
        {
            var millis = (time.Ticks + (TimeSpan.TicksPerMillisecond / 2)) / TimeSpan.TicksPerMillisecond;
            headers[name] = millis == 0 ? "0ms"
                : millis >= 1000 ? string.Create(CultureInfo.InvariantCulture, $"{millis / 1000m:0.###}s")
                : string.Create(CultureInfo.InvariantCulture, $"{millis}ms");
        }
    }
}
