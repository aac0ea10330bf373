using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Metrics;

/// <summary>A mark on a request whose answer was cut off after it had begun: its status tells nothing of that.</summary>
internal sealed class BrokenAnswer
{
    private static readonly BrokenAnswer Mark = new();

    /// <summary>The answer has begun and cannot be ended as it should: the client sees that it is not whole.</summary>
    public static void Abort(HttpContext http)
    {
        Note(http);
        http.Abort();
    }

    /// <summary>The answer was cut off already.</summary>
    public static void Note(HttpContext http) => http.Features.Set(Mark);

    /// <summary>How a request ended.</summary>
    public static RequestOutcome Tell(HttpContext http) => http.Features.Get<BrokenAnswer>() is not null ? RequestOutcome.Broken : http.Response.StatusCode switch
    {
        >= 500 => RequestOutcome.ServerError,
        >= 400 => RequestOutcome.ClientError,
        _ when http.RequestAborted.IsCancellationRequested => RequestOutcome.ClientLeft,
        >= 300 => RequestOutcome.Redirect,
        >= 200 => RequestOutcome.Success,
        _ => RequestOutcome.Upgraded,
    };
}
