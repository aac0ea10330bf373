using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Caching;

/// <summary>A request whose answer may be kept.</summary>
/// <param name="Arrival">The request.</param>
/// <param name="Route">What it matched.</param>
/// <param name="Cache">What keeps answers.</param>
/// <param name="Target">What it asks for.</param>
/// <param name="Whom">For whom.</param>
/// <param name="Said">What it asks of caches.</param>
internal sealed record CachedCall(Arrival Arrival, CompiledRoute Route, NamedCache Cache, string Target, KeptFor Whom, RequestWish Said)
{
    /// <summary>The client's.</summary>
    public HttpContext Http => Arrival.Http;

    /// <summary>What the client has already.</summary>
    public Preconditions Has { get; } = Preconditions.Of(Arrival.Http.Request.Headers);

    /// <summary>Whether the whole answer is asked for.</summary>
    public bool IsGet { get; } = HttpMethods.IsGet(Arrival.Http.Request.Method);

    /// <summary>How old a kept answer is now.</summary>
    public static TimeSpan AgeOf(StoredAnswer kept, TimeProvider time) => kept.AgeThen + time.GetElapsedTime(kept.At);

    /// <summary>Answers the client with what is kept.</summary>
    /// <param name="kept">What is kept.</param>
    /// <param name="time">The time.</param>
    /// <param name="forwarded">Why the upstream was asked; null: it was not.</param>
    /// <param name="status">What the upstream said; null: nothing.</param>
    /// <param name="isCollapsed">Whether another request's answer was waited for.</param>
    public Task GiveAsync(StoredAnswer kept, TimeProvider time, string? forwarded, int? status = null, bool isCollapsed = false)
    {
        var (response, age) = (Http.Response, AgeOf(kept, time));
        var isKnown = Has.AreMetBy(kept.Status, kept.ETag, kept.LastModified);
        response.StatusCode = isKnown ? StatusCodes.Status304NotModified : kept.Status;
        foreach (var (name, values) in kept.Headers)
        {
            if (!isKnown || TellsWithoutBody(name))
            {
                response.Headers[name] = name.Equals(HeaderNames.Vary, StringComparison.OrdinalIgnoreCase) ? StringValues.Concat(response.Headers.Vary, values) : values;
            }
        }

        response.Headers.Age = HeaderUtilities.FormatNonNegativeInt64((long)age.TotalSeconds);
        if (forwarded is null)
        {
            CacheStatus.Hit(response.Headers, kept.Life.Fresh - age);
        }
        else
        {
            CacheStatus.Forwarded(response.Headers, forwarded, status, isCollapsed: isCollapsed);
        }

        if (isKnown || kept.Status is StatusCodes.Status204NoContent)
        {
            return Task.CompletedTask;
        }

        response.ContentLength = kept.Body.Length;
        return IsGet ? response.Body.WriteAsync(kept.Body, Http.RequestAborted).AsTask() : Task.CompletedTask;
    }

    /// <summary>Whether a header tells something where there is no body: RFC 9110, section 15.4.5.</summary>
    public static bool TellsWithoutBody(string name) => !name.StartsWith("content-", StringComparison.OrdinalIgnoreCase) || name.Equals(HeaderNames.ContentLocation, StringComparison.OrdinalIgnoreCase);
}
