using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts;

/// <summary>Publishes weights as a revision of their own, under the revision that was looked at, and only over weights that are the rollout's own.</summary>
internal sealed class SplitPublish(ICatalogGrain catalog, string rollout)
{
    private const int MostTries = 5;

    /// <summary>What the two ends of a publish are.</summary>
    public abstract record End;

    /// <summary>The weights are active, and every edge runs them or has lapsed.</summary>
    public sealed record Published(long Revision, ImmutableArray<SplitWeight> Weights) : End;

    /// <summary>Nothing was published: the weights are not the rollout's, or nobody can run them.</summary>
    public sealed record Stopped(string Why, long Revision) : End;

    /// <summary>Why a rollout stops whose split was changed.</summary>
    public static string Moved(RolloutSpec spec) => $"the split of {SplitBody.KindName(spec.Kind)} '{spec.Resource}' was changed by somebody else; it is left as it is";

    /// <summary>Whether weights are others.</summary>
    public static bool IsOne(ImmutableArray<SplitWeight>? weights, ImmutableArray<SplitWeight> other) => weights is { } found && found.AsSpan().SequenceEqual(other.AsSpan());

    /// <summary>The active revision.</summary>
    public Task<Head> HeadAsync() => catalog.GetHeadAsync();

    /// <summary>The resource whose weights move, in the active revision; null: it is not there.</summary>
    public Task<ResourceBody?> ReadAsync(RolloutSpec spec) => catalog.GetResourceAsync(SplitBody.KindName(spec.Kind), spec.Resource);

    /// <summary>Brings a publish to its end, however often it was begun before.</summary>
    /// <exception cref="TimeoutException">Others publish all the time; it may be tried again.</exception>
    public async Task<End> PublishAsync(StoredRollout state, PendingPublish pending)
    {
        var spec = state.Spec!;
        var target = pending.Step == 0 ? state.Before : SplitBody.At(state.Before, spec, spec.Steps[pending.Step - 1].Share)!.Value;

        // A step whose answer was lost may be active before somebody asks for the way back.
        ImmutableArray<ImmutableArray<SplitWeight>> own = pending.Step == 0
            ? [state.Now, target, .. spec.Steps.Select(s => SplitBody.At(state.Before, spec, s.Share)!.Value)]
            : [state.Now, target];
        for (var tries = 0; tries < MostTries; tries++)
        {
            // The head is read first: what is read after it may be newer, and then the publish is refused as a conflict.
            var head = await HeadAsync();
            var body = await ReadAsync(spec);
            if (!own.Any(weights => IsOne(SplitBody.Read(body), weights)))
            {
                return new Stopped(Moved(spec), head.Revision);
            }

            var outcome = await catalog.PublishAsync(new PublishRequest(
                [SplitBody.Write(body!, spec.Kind, target)], [], Prune: false, head.Revision, DryRun: false, pending.By with { Via = "rollout" }, Reason(spec, pending), pending.PublishId));
            switch (outcome)
            {
                case PublishOutcome.Published published:
                    return new Published(published.Head.Revision, target);
                case PublishOutcome.Unchanged unchanged:
                    return new Published(unchanged.Head.Revision, target);
                case PublishOutcome.Conflict or PublishOutcome.Unheld:
                    continue;
                case PublishOutcome.Invalid invalid:
                    return new Stopped($"its weights could not be published: {string.Join("; ", invalid.Errors.Select(e => $"{e.Path} {e.Message}"))}", head.Revision);
                case PublishOutcome.Refused refused:
                    return new Stopped($"its weights could not be published: edge {refused.Edge} refused them: {refused.Refusal.Message}", head.Revision);
                case PublishOutcome.OwnedByOthers owned:
                    return new Stopped($"its split has come to belong to {owned.Resources[0].Owner}, and is left as it is", head.Revision);
                default:
                    throw new InvalidOperationException($"Not an outcome of this publish: {outcome.GetType().Name}.");
            }
        }

        throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"Other changes came first {MostTries} times in a row."));
    }

    private string Reason(RolloutSpec spec, PendingPublish pending)
    {
        const int Longest = 500;
        var reason = $"rollout {rollout}: {RolloutMoves.Name(spec, pending.Step)}: {pending.Why}";
        return reason.Length <= Longest ? reason : $"{reason[..(Longest - 1)]}…";
    }
}
