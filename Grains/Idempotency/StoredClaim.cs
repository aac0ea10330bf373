using Sluice.Grains.Interfaces.Idempotency;

namespace Sluice.Grains.Idempotency;

/// <summary>What is stored of an idempotency key, and the rules of who may have it. Time is given.</summary>
/// <param name="Request">The request that has it; empty: none.</param>
/// <param name="Fingerprint">Of what that request asks.</param>
/// <param name="LeaseEnds">When it is lost to another, unless it was answered.</param>
/// <param name="WindowEnds">When all of it is forgotten.</param>
/// <param name="Answer">Null: it is under way.</param>
internal sealed record StoredClaim(string Request, string Fingerprint, DateTimeOffset LeaseEnds, DateTimeOffset WindowEnds, KeptAnswer? Answer)
{
    public StoredClaim()
        : this("", "", default, default, null)
    {
    }

    /// <summary>Nobody has it.</summary>
    public bool IsFree => Request.Length == 0;

    /// <summary>Whether its window has ended. A request under way is not forgotten while its lease lasts.</summary>
    public bool HasEnded(DateTimeOffset now) => !IsFree && now >= WindowEnds && (Answer is not null || now >= LeaseEnds);

    /// <summary>What becomes of a claim; the next state where it changes anything.</summary>
    public (ClaimAnswer Answer, StoredClaim? Next) Claim(RequestClaim claim, DateTimeOffset now)
    {
        var isLost = Answer is null && now >= LeaseEnds;
        if (IsFree || isLost || HasEnded(now))
        {
            return (new ClaimAnswer(ClaimOutcome.Claimed, claim.Request, null), new StoredClaim(claim.Request, claim.Fingerprint, now + ClaimTimes.Lease, now + claim.Window, null));
        }

        var outcome = !string.Equals(Fingerprint, claim.Fingerprint, StringComparison.Ordinal) ? ClaimOutcome.Different
            : Answer is not null ? ClaimOutcome.Answered
            : string.Equals(Request, claim.Request, StringComparison.Ordinal) ? ClaimOutcome.Claimed
            : ClaimOutcome.UnderWay;
        return (new ClaimAnswer(outcome, Request, outcome is ClaimOutcome.Answered ? Answer : null), null);
    }

    /// <summary>Whether the request has it and was not answered.</summary>
    public bool IsUnderWay(string request) => Answer is null && !IsFree && string.Equals(Request, request, StringComparison.Ordinal);
}
