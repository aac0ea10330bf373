using Sluice.Edge.Configuration;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Targets;

/// <summary>Which of a provider's credentials an attempt uses; where there is but one, nothing is kept of it. A part of the trial that it lives in, and used as that is.</summary>
internal struct AttemptCredential
{
    private TargetState[]? _all;

    /// <summary>Its place among the provider's.</summary>
    public int Index { get; private set; }

    /// <summary>What is known of it; null: it is the only one.</summary>
    public TargetState? State { get; private set; }

    /// <summary>Chooses for an attempt.</summary>
    public void Choose(TargetTable table, EdgeRevision revision, ProviderResource provider, TimeSpan now)
    {
        (Index, State, _all) = (0, null, null);
        if (revision.Credentials.TryGetValue(provider.Name, out var values) && values.Values.Length > 1)
        {
            _all = table.Of(values, provider.Name, revision);
            Index = CredentialChoice.Choose(values, _all, provider.Rotation, Chance.Next(), now);
            State = _all[Index];
            Interlocked.Increment(ref State.InFlight);
        }
    }

    /// <summary>It is not used until then, where there are others; returns until when none of them may be, or null: one may be now.</summary>
    public readonly TimeSpan? Rest(TimeSpan until, TimeSpan now)
    {
        State!.Health.Rest(until);
        return CredentialChoice.SoonestOf(_all) is var soonest && soonest > now ? soonest : null;
    }

    /// <summary>The attempt has ended.</summary>
    public void End()
    {
        if (State is not null)
        {
            Interlocked.Decrement(ref State.InFlight);
        }

        (State, _all) = (null, null);
    }
}
