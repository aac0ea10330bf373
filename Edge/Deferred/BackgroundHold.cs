using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Deferred;

/// <summary>
/// Holds what a response that comes later may cost, as a work of its own, so that it is charged by what it used once it is there. Where that cannot be had, the response is charged with the whole
/// reservation as soon as it is asked for.
/// </summary>
internal sealed class BackgroundHolds(DeferredWorks works, Meter meter, TimeProvider time)
{
    // After those of all attempts that a request can have.
    private const int FirstAttempt = 10;

    /// <summary>Holds, makes the attempt, and ends what is held as it ended. Returns whether it was executed, and may be charged.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="call">The attempt.</param>
    /// <param name="ask">With its bounds.</param>
    /// <param name="attempt">Makes it; returns whether more than nothing was used, as far as its own reservation knows.</param>
    public async Task<bool> TryAsync(Arrival arrival, Caller caller, ModelCall call, Ask ask, Func<ModelCall, ValueTask<bool>> attempt)
    {
        if (await TryBeginAsync(arrival, caller, call, ask) is not { } held)
        {
            return await attempt(call);
        }

        // What it may use is held until it is there: the attempt itself is a request, and no more.
        var isExecuted = true;
        try
        {
            isExecuted = await attempt(call with { Background = held, InputBound = 0, OutputBound = 0, Answers = 0, Input = default });
        }
        finally
        {
            await held.EndAsync(isUnsent: !isExecuted);
        }

        return isExecuted || held.IsBegun;
    }

    // Null: it cannot be held so.
    private async Task<BackgroundHold?> TryBeginAsync(Arrival arrival, Caller caller, ModelCall call, Ask ask)
    {
        var worst = Charge.WorstCase(ask);
        var tokens = new TokenCounts { Input = ask.InputTokens, Output = ask.OutputTokens };
        var work = DeferredDescription.Of(
            new DeferringCall(arrival, caller, ask.Attempt.Tags, call.Matched.Model, call.Matched.Target, DeferredKind.Response, FirstAttempt + ask.Attempt.Number),
            new DeferredAmounts(1, tokens, worst.Nano, tokens, worst.Nano),
            meter.BudgetsOf(arrival.Revision, caller, ask.Name).Where(b => b.Budget.Unit is not Revisions.Resources.BudgetUnit.Requests),
            time);
        var tenant = caller.Identity.Tenant;
        if (await works.TryHoldAsync(tenant, work) is not { Outcome: HoldOutcome.Held })
        {
            return null;
        }

        var hold = new BackgroundHold(works, tenant, work);
        if (await works.TryPrepareAsync(tenant, work.Id, ""))
        {
            return hold;
        }

        await works.TryDropAsync(tenant, work.Id);
        return null;
    }
}

/// <summary>What is held for a response that comes later, while it is asked for.</summary>
internal sealed class BackgroundHold(DeferredWorks works, string tenant, DeferredWork work)
{
    private string? _place;
    private DeferredEnd? _end;

    /// <summary>Whether the provider has begun it.</summary>
    public bool IsBegun => _place is not null;

    /// <summary>The provider has answered.</summary>
    /// <param name="answer">A response.</param>
    public void Take(ReadOnlySpan<byte> answer)
    {
        _place = ResponseLook.Read(answer).Id;
        _end = ResponseLook.EndOf(work, answer);
    }

    /// <summary>The attempt has ended.</summary>
    /// <param name="isUnsent">Whether nothing was used, for the provider has said no or was not asked.</param>
    public async Task EndAsync(bool isUnsent)
    {
        if (_place is { } place)
        {
            await works.TryStartAsync(tenant, work.Id, place, null);
        }

        if (_end is not null || (_place is null && !isUnsent))
        {
            await works.TryEndAsync(tenant, work.Id, _end ?? new DeferredEnd(UsageSource.Reserved, default, 0, 1, 200));
        }
        else if (_place is null)
        {
            await works.TryDropAsync(tenant, work.Id);
        }
    }
}
