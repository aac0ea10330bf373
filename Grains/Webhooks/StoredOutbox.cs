using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Webhooks;

namespace Sluice.Grains.Webhooks;

/// <summary>What is to be sent to a webhook, or was, as stored.</summary>
/// <param name="Webhook">The webhook's name.</param>
/// <param name="Id">The <c>webhook-id</c>.</param>
/// <param name="Event">What it tells of.</param>
/// <param name="About">The budget and its subject, or the tenant and the product.</param>
/// <param name="Body">As it is sent, to the byte.</param>
/// <param name="At">When it happened.</param>
/// <param name="Since">Since when it is tried: the same, but where it is sent anew by hand.</param>
/// <param name="NextAt">When it is due; null: it has ended.</param>
internal sealed record StoredDelivery(
    string Webhook,
    string Id,
    WebhookEvent Event,
    string About,
    string Body,
    DateTimeOffset At,
    DateTimeOffset Since,
    DeliveryState State,
    int Attempts,
    DateTimeOffset? NextAt,
    DateTimeOffset? LastAt,
    string? Error)
{
    /// <summary>Whether it is this one.</summary>
    public bool Is(string webhook, string id) => string.Equals(Webhook, webhook, StringComparison.Ordinal) && string.Equals(Id, id, StringComparison.Ordinal);
}

/// <summary>What is to be sent to the webhooks of a workspace, and what of late was sent or given up; the oldest first. Plain rules, no clock.</summary>
/// <param name="Waiting">What is not at its end.</param>
/// <param name="Ended">What is, so that it can be looked at, is known when it comes again, and can be sent anew.</param>
internal sealed record StoredOutbox(ImmutableArray<StoredDelivery> Waiting, ImmutableArray<StoredDelivery> Ended)
{
    /// <summary>The most that wait for one webhook: each write has all of them.</summary>
    public const int MostWaiting = 500;

    /// <summary>The most that are kept after their end, of all webhooks.</summary>
    public const int MostEnded = 200;

    public StoredOutbox()
        : this([], [])
    {
    }

    /// <summary>One by its names; null where it is not known.</summary>
    public StoredDelivery? Find(string webhook, string id) => Waiting.Concat(Ended).FirstOrDefault(d => d.Is(webhook, id));

    /// <summary>With some more; those that are known already change nothing.</summary>
    public StoredOutbox Add(IEnumerable<StoredDelivery> some)
    {
        var next = this;
        foreach (var delivery in some.Where(d => Find(d.Webhook, d.Id) is null))
        {
            next = next with { Waiting = next.Waiting.Add(delivery) };
        }

        return next;
    }

    /// <summary>What is too much for a webhook, and so is given up: the oldest.</summary>
    public IEnumerable<StoredDelivery> TooMany() =>
        Waiting.GroupBy(d => d.Webhook, StringComparer.Ordinal).Where(g => g.Count() > MostWaiting).SelectMany(g => g.Take(g.Count() - MostWaiting));

    /// <summary>With another state of one that is known.</summary>
    public StoredOutbox Put(StoredDelivery delivery)
    {
        if (Find(delivery.Webhook, delivery.Id) is null)
        {
            return this;
        }

        var (waiting, ended) = (Waiting.RemoveAll(d => d.Is(delivery.Webhook, delivery.Id)), Ended.RemoveAll(d => d.Is(delivery.Webhook, delivery.Id)));
        return delivery.State is DeliveryState.Waiting
            ? new StoredOutbox(waiting.Add(delivery), ended)
            : new StoredOutbox(waiting, ended.Length < MostEnded ? ended.Add(delivery) : ended.RemoveAt(0).Add(delivery));
    }
}
