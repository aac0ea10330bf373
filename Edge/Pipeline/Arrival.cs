using Microsoft.AspNetCore.Http;
using Sluice.Edge.CallLog;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Kept;
using Sluice.Edge.Tracing;

namespace Sluice.Edge.Pipeline;

/// <summary>A request that was let in: the revision it began with, which it keeps to its end, and its id.</summary>
/// <param name="IsStale">The edge could not know whether a newer revision was active elsewhere.</param>
/// <param name="IsLast">The edge is about to end: the answer closes its connection.</param>
internal readonly record struct Arrival(HttpContext Http, EdgeRevision Revision, string RequestId, bool IsStale, bool IsLast)
{
    /// <summary>The timestamp at which it came.</summary>
    public long At { get; init; }

    /// <summary>Its trace; null: it is not traced.</summary>
    public RequestTrace? Trace { get; init; }

    /// <summary>The prompt that it asks with, and its version; null: none.</summary>
    public string? Prompt { get; init; }

    /// <summary>What the call log notes on its way; null: nothing, or it is of a plain route.</summary>
    public CallMarks? Marks { get; init; }

    /// <summary>What it has to do with what providers keep; null: nothing.</summary>
    public KeptContext? Kept { get; init; }

    /// <summary>As the caller is served: under the revision's canary where that is for it.</summary>
    /// <param name="caller">Null: without a key.</param>
    public Arrival For(Caller? caller)
    {
        if (Revision.Canary is not { } canary || !Revision.Plan.Canary!.Takes(caller?.Identity.Tenant, caller?.Identity.KeyId, caller?.Identity.User))
        {
            return this;
        }

        var arrival = this with { Revision = canary };
        Answers.StampCanary(arrival);
        return arrival;
    }
}

/// <summary>What a client is told when it is not served.</summary>
/// <param name="Code">OpenAI's code, and the last part of the problem type on plain routes.</param>
/// <param name="Param">The field to blame, or null.</param>
internal sealed record ClientError(int Status, string Message, string Code, string? Param = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Whose rule it is, <c>Kind/name</c>, such as <c>Limit/gold</c>, for the call log alone; null: no resource's.</summary>
    public string? By { get; init; }
}
