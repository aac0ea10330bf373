using Microsoft.AspNetCore.Http;
using Sluice.Edge.Calls;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Rollouts;

/// <summary>How a whole call counts for its side of a canary. Unlike a part of a split, a canary answers for what the edge itself said: it may have taken a route or a model away.</summary>
internal static class CanaryAnswers
{
    /// <summary>The answer, as it is counted.</summary>
    public static PartAnswer Of(in Arrival arrival, in EndedCall call, TimeProvider time)
    {
        var used = call.Settlement;
        var failed = used.Status is >= 500 or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed
            || BrokenAnswer.Tell(arrival.Http) is RequestOutcome.Broken;
        return new PartAnswer(
            failed,
            used.Status == StatusCodes.Status429TooManyRequests,
            used.Status < 400 && used.Source is (UsageSource.Estimated or UsageSource.Reserved),
            time.GetElapsedTime(arrival.At, used.AnsweredAt == 0 ? time.GetTimestamp() : used.AnsweredAt),
            used.Status < 400 ? call.CostNano : null);
    }
}
