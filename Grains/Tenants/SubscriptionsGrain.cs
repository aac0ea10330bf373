using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Tenants;

/// <summary>What is stored of a tenant's subscriptions; by product (ordinal).</summary>
internal sealed record StoredSubscriptions(ImmutableArray<Subscription> All)
{
    public StoredSubscriptions()
        : this([])
    {
    }
}

/// <summary>
/// The subscriptions of one tenant: the shell around <see cref="SubscriptionMoves"/>. Order of writes: the directory lists what is open before it is, and until it is not; what edges
/// are told is stored first.
/// </summary>
[GrainType("subscriptions")]
internal sealed class SubscriptionsGrain : Grain, ISubscriptionsGrain
{
    private const string StateName = "subscriptions";
    private readonly Durable<StoredSubscriptions> _state;
    private readonly SharedRead<StoredSubscriptions> _truth;
    private readonly RightsChange _rights;
    private readonly TimeProvider _time;

    public SubscriptionsGrain([PersistentState(StateName)] IPersistentState<StoredSubscriptions> state, [FromKeyedServices("Default")] IGrainStorage storage, TimeProvider time)
    {
        (_state, _time) = (new(this, state), time);
        _truth = new SharedRead<StoredSubscriptions>(() => storage.ReadAsync<StoredSubscriptions>(StateName, this.GetGrainId()));
        _rights = new RightsChange(GrainFactory, Workspace);
    }

    private string Workspace => GrainKeys.Split(this.GetPrimaryKeyString())[0];

    private string Tenant => GrainKeys.Split(this.GetPrimaryKeyString())[1];

    public async Task<SubscriptionOutcome> RequestAsync(string product, string? note, Author author)
    {
        if (await GrainFactory.GetGrain<ITenantGrain>(this.GetPrimaryKeyString()).GetAsync() is null)
        {
            return new SubscriptionOutcome(null, SubscriptionRefusal.NoTenant);
        }

        var body = await GrainFactory.GetGrain<ICatalogGrain>(Workspace).GetResourceAsync(ProductResource.KindName, product);
        if (body is null || ResourceReader.Read(body.Json).Resource is not ProductResource declared)
        {
            return new SubscriptionOutcome(null, SubscriptionRefusal.NoProduct);
        }

        var known = Find(product);
        if (declared.Access is ProductAccess.Open)
        {
            return new SubscriptionOutcome(known, SubscriptionRefusal.IsOpen);
        }

        var step = new SubscriptionStep(SubscriptionState.Requested, _time.GetUtcNow(), author, note);
        return await PutAsync(known, SubscriptionMoves.Request(known, Tenant, product, step, declared.Approval is ProductApproval.Automatic));
    }

    public async Task<SubscriptionOutcome> DecideAsync(string product, SubscriptionDecision decision, string? reason, Author author)
    {
        if (Find(product) is not { } known)
        {
            return new SubscriptionOutcome(null, SubscriptionRefusal.NotAsked);
        }

        return SubscriptionMoves.Decide(known, decision, new SubscriptionStep(known.State, _time.GetUtcNow(), author, reason)) is { } next
            ? await PutAsync(known, next)
            : new SubscriptionOutcome(known, SubscriptionRefusal.WrongState);
    }

    public Task<ImmutableArray<Subscription>> ListAsync() => Task.FromResult(_state.Value.All);

    // From a read that begins now, which all who ask at this moment share, as the tenant's own answers are.
    public async Task<ProductStandings> StandingsAsync()
    {
        var stored = await _truth.ReadAsync();
        return new ProductStandings([.. stored.All.Select(s => new ProductStanding(s.Product, s.State))], _rights.IsEnding(""));
    }

    private Subscription? Find(string product) => _state.Value.All.FirstOrDefault(s => string.Equals(s.Product, product, StringComparison.Ordinal));

    private async Task<SubscriptionOutcome> PutAsync(Subscription? known, Subscription next)
    {
        var directory = GrainFactory.GetGrain<ISubscriptionDirectoryGrain>(Workspace);
        await directory.PutAsync(next.Id, isOpen: true);
        var change = new NewChange(KindOf(next.State), $"{Tenant}/{next.Product}", next.Steps[^1].By);
        if (next.State is SubscriptionState.Requested or SubscriptionState.Rejected)
        {
            // Of no right of anybody, so nobody waits for edges.
            await WriteAsync(known, next);
            await GrainFactory.GetGrain<IChangeLogGrain>(Workspace).AppendAsync(change);
        }
        else
        {
            // Told again where it was so already, as with a key: the call that stored it may have ended before edges were told.
            await (ReferenceEquals(known, next)
                ? _rights.PassAsync(change)
                : _rights.MakeAsync(change, next.State is SubscriptionState.Withdrawn ? static _ => true : null, () => WriteAsync(known, next)));
        }

        await GrainFactory.GetGrain<IWebhooksGrain>(Workspace).PostSubscriptionAsync(NoticeOf(next));
        await directory.PutAsync(next.Id, isOpen: next.State is SubscriptionState.Requested);
        return new SubscriptionOutcome(next);
    }

    private async Task WriteAsync(Subscription? known, Subscription next)
    {
        if (!ReferenceEquals(known, next))
        {
            var others = known is null ? _state.Value.All : _state.Value.All.Remove(known);
            await _state.WriteAsync(new StoredSubscriptions([.. others.Add(next).OrderBy(s => s.Product, StringComparer.Ordinal)]));
        }
    }

    private static ChangeKind KindOf(SubscriptionState state) => state switch
    {
        SubscriptionState.Requested => ChangeKind.SubscriptionRequested,
        SubscriptionState.Approved => ChangeKind.SubscriptionApproved,
        SubscriptionState.Rejected => ChangeKind.SubscriptionRejected,
        _ => ChangeKind.SubscriptionWithdrawn,
    };

    private static SubscriptionNotice NoticeOf(Subscription subscription)
    {
        var last = subscription.Steps[^1];
        var happened = last.State switch
        {
            SubscriptionState.Requested => WebhookEvent.SubscriptionRequested,
            SubscriptionState.Approved => WebhookEvent.SubscriptionApproved,
            SubscriptionState.Rejected => WebhookEvent.SubscriptionRejected,
            _ => WebhookEvent.SubscriptionWithdrawn,
        };
        return new SubscriptionNotice(happened, subscription.Tenant, subscription.Product, last.By.Name, last.Note, last.At);
    }
}
