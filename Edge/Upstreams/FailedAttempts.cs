using Microsoft.Extensions.Logging;

namespace Sluice.Edge.Upstreams;

/// <summary>Tells the operator why upstreams do not answer: of each once a minute, however many requests meet it. Metrics count them all, and the call log and traces have each.</summary>
internal sealed class FailedAttempts(TimeProvider time, ILogger<FailedAttempts> log)
{
    private readonly Seldom<string> _seldom = new(time, TimeSpan.FromMinutes(1));

    /// <summary>An attempt failed, and not because the client left or the edge ends.</summary>
    /// <param name="upstream">Its name.</param>
    /// <param name="address">Where it was tried.</param>
    /// <param name="failure">What was met; null: it is not known.</param>
    public void Tell(string upstream, string address, Exception? failure)
    {
        if (_seldom.IsDue(upstream))
        {
            log.LogWarning("Upstream {Upstream} fails at {Address}: {Reason}. What else of it fails is not told for a minute.", upstream, address, ReasonOf(failure));
        }
    }

    // Of a chain of failures the innermost says what it was; a stack says nothing of an upstream.
    private static string ReasonOf(Exception? failure) => failure?.GetBaseException() switch
    {
        null => "the answer broke off",
        OperationCanceledException or TimeoutException => "it did not answer in time",
        var cause => cause.Message.TrimEnd('.'),
    };
}
