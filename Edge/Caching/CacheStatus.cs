using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sluice.Edge.Caching;

/// <summary>Tells by <c>Cache-Status</c> what a cache did for a request: RFC 9211.</summary>
internal static class CacheStatus
{
    private const string Name = "Cache-Status";

    /// <summary>It was kept, and given.</summary>
    public static void Hit(IHeaderDictionary headers, TimeSpan left) => Append(headers, $"hit; ttl={Seconds(left)}");

    /// <summary>It was asked of the upstream.</summary>
    /// <param name="headers">Of the answer.</param>
    /// <param name="why"><c>uri-miss</c>, <c>vary-miss</c>, <c>stale</c>, <c>request</c>, <c>method</c> or <c>bypass</c>.</param>
    /// <param name="status">What the upstream said, where the client is told something else; null: the same.</param>
    /// <param name="isStored">Whether it is kept now.</param>
    /// <param name="isCollapsed">Whether it is the answer to another request that was waited for.</param>
    public static void Forwarded(IHeaderDictionary headers, string why, int? status = null, bool isStored = false, bool isCollapsed = false) => Append(
        headers, $"fwd={why}{(status is { } told ? $"; fwd-status={told.ToString(CultureInfo.InvariantCulture)}" : "")}{(isStored ? "; stored" : "")}{(isCollapsed ? "; collapsed" : "")}");

    /// <summary>The same, put when the answer begins, whoever writes it.</summary>
    public static ToldForward ForwardedLater(HttpContext http, string why)
    {
        var told = new ToldForward(http.Response.Headers, why);
        http.Response.OnStarting(
            static state =>
            {
                ((ToldForward)state).Put();
                return Task.CompletedTask;
            },
            told);
        return told;
    }

    // A list: the cache nearest to the client is the last.
    private static void Append(IHeaderDictionary headers, string what) => headers[Name] = StringValues.Concat(headers[Name], $"sluice; {what}");

    private static string Seconds(TimeSpan left) => ((long)Math.Floor(left.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}

/// <summary>What will be told of a request that was forwarded.</summary>
/// <param name="headers">Of the answer.</param>
/// <param name="why">As <c>Cache-Status</c> says it.</param>
internal sealed class ToldForward(IHeaderDictionary headers, string why)
{
    /// <summary>Whether nothing is told.</summary>
    public bool IsHidden { get; set; }

    /// <summary>What the upstream said, where the client is told something else; null: the same.</summary>
    public int? Status { get; set; }

    /// <summary>Puts it.</summary>
    public void Put()
    {
        if (!IsHidden)
        {
            CacheStatus.Forwarded(headers, why, Status);
        }
    }
}
