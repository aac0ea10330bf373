using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>What happened to a request, in its order.</summary>
/// <param name="AtMs">Milliseconds since it came.</param>
/// <param name="Step">What happened.</param>
/// <param name="Attempt">Of which attempt.</param>
/// <param name="Target">Whom it asked: <c>provider/model</c>, or the part of a plain route's split.</param>
/// <param name="Status">With which status.</param>
/// <param name="Error">The code of the error that the gateway told.</param>
/// <param name="By">Whose rule that was, as <c>Kind/name</c>.</param>
public sealed record CallStep(double AtMs, CallStepKind Step, int? Attempt = null, string? Target = null, int? Status = null, string? Error = null, string? By = null);

/// <summary>What may happen to a request.</summary>
public enum CallStepKind
{
    /// <summary>It came.</summary>
    Arrived,

    /// <summary>What it asks for was known.</summary>
    Matched,

    /// <summary>An attempt was to be let in by limits and budgets.</summary>
    Attempt,

    /// <summary>The attempt was let in, and was sent.</summary>
    Admitted,

    /// <summary>Its answer began.</summary>
    FirstToken,

    /// <summary>It was settled: its last token had come, or it had failed.</summary>
    Settled,

    /// <summary>The last byte went to the client.</summary>
    Answered,

    /// <summary>The gateway answered it with an error of its own.</summary>
    Refused,
}

/// <summary>Makes the timeline of a call. Pure.</summary>
internal static class CallTimeline
{
    /// <summary>Of a row of the log.</summary>
    public static IReadOnlyList<CallStep> Of(FoundCall call)
    {
        var steps = new List<(long At, CallStep Step)> { (0, new CallStep(0, CallStepKind.Arrived)) };
        Add(call.MatchedAfter, CallStepKind.Matched);
        foreach (var one in call.Tries.OrderBy(one => one.Number))
        {
            Add(one.Begun, CallStepKind.Attempt, one.Number, one.Target);
            Add(one.Admitted, CallStepKind.Admitted, one.Number);
            Add(one.First, CallStepKind.FirstToken, one.Number);
            Add(one.Ended, CallStepKind.Settled, one.Number, one.Target, one.Status);
        }

        if (call.Error is { } error)
        {
            steps.Add((call.LatencyMicros, new CallStep(CallView.Millis(call.LatencyMicros), CallStepKind.Refused, Status: call.Status, Error: error, By: call.RefusedBy)));
        }

        Add(call.LatencyMicros, CallStepKind.Answered, null, call.Tries.IsEmpty && call.Target.Length > 0 ? call.Target : null, call.Status);

        // Attempts may run beside each other; of what is at the same time the order stays.
        return [.. steps.OrderBy(step => step.At).Select(step => step.Step)];

        void Add(long? at, CallStepKind kind, int? attempt = null, string? target = null, int? status = null)
        {
            if (at is { } micros)
            {
                steps.Add((micros, new CallStep(CallView.Millis(micros), kind, attempt, target, status)));
            }
        }
    }
}
