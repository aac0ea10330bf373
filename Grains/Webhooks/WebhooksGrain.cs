using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Grains.Sealing;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Webhooks;

/// <summary>
/// The shell around <see cref="StoredOutbox"/>: stores what is to be sent before anything is, sends what is due, and stores what came of it. An attempt whose outcome is not
/// stored, since its silo was lost, is made again with the same id. Callers never wait for a receiver.
/// </summary>
[Reentrant, GrainType("webhooks")]
internal sealed class WebhooksGrain : Grain, IWebhooksGrain
{
    private const int MostAtOnce = 16;
    private const int MostAtOnceForOne = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Gathered<StoredOutbox> _outbox;
    private readonly WebhookSender _sender;
    private readonly MailSender _mail;
    private readonly KeyringSource _keyrings;
    private readonly RetrySchedule _schedule;
    private readonly WebhookMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ending;
    private readonly List<StoredDelivery> _underWay = [];
    private DeclaredWebhooks _declared = null!;
    private IGrainTimer _timer = null!;

    public WebhooksGrain(
        [PersistentState("webhooks")] IPersistentState<StoredOutbox> outbox,
        WebhookSender sender,
        MailSender mail,
        KeyringSource keyrings,
        IOptions<WebhookOptions> options,
        WebhookMeter meter,
        TimeProvider time,
        IHostApplicationLifetime host,
        ILogger<WebhooksGrain> log)
    {
        (_outbox, _sender, _mail, _keyrings, _meter, _time, _log) = (new(new(this, outbox)), sender, mail, keyrings, meter, time, log);
        _schedule = new RetrySchedule(options.Value.FirstRetry);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _declared = new DeclaredWebhooks(this.GetPrimaryKeyString(), GrainFactory, _keyrings, _log);
        _timer = this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        _ending.Dispose();
    }

    public async Task PostAlertAsync(AlertNotice notice)
    {
        var (workspace, transition) = (this.GetPrimaryKeyString(), notice.Transition);
        await PostAsync(await _declared.ForAsync(notice), notice.Event, $"{transition.Alert}/{transition.About}".TrimEnd('/'), WebhookMessage.IdOf(workspace, notice), WebhookMessage.BodyOf(workspace, notice), transition.At);
    }

    public async Task PostAsync(BudgetNotice notice)
    {
        var workspace = this.GetPrimaryKeyString();
        _meter.Count(notice);
        await PostAsync(await _declared.ForAsync(notice), notice.Event, $"{notice.Budget}/{notice.Subject}", WebhookMessage.IdOf(workspace, notice), WebhookMessage.BodyOf(workspace, notice), notice.At);
    }

    public async Task PostSubscriptionAsync(SubscriptionNotice notice)
    {
        var workspace = this.GetPrimaryKeyString();
        await PostAsync(await _declared.ForAsync(notice), notice.Event, $"{notice.Tenant}/{notice.Product}", WebhookMessage.IdOf(workspace, notice), WebhookMessage.BodyOf(workspace, notice), notice.At);
    }

    private async Task PostAsync(IReadOnlyList<WebhookResource> wanted, WebhookEvent happened, string about, string id, string body, DateTimeOffset at)
    {
        var now = _time.GetUtcNow();
        await _outbox.ChangeAsync(outbox => outbox.Add(wanted.Select(webhook => new StoredDelivery(webhook.Name, id, happened, about, body, at, now, DeliveryState.Waiting, 0, now, null, null))));
        Look();
    }

    public Task WakeAsync()
    {
        Look();
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<WebhookDelivery>> ListAsync(string webhook) => Task.FromResult<ImmutableArray<WebhookDelivery>>(
        [.. _outbox.Value.Waiting.Concat(_outbox.Value.Ended).Where(d => string.Equals(d.Webhook, webhook, StringComparison.Ordinal)).OrderByDescending(d => d.At).Select(Show)]);

    public async Task<WebhookDelivery?> ResendAsync(string webhook, string id)
    {
        var now = _time.GetUtcNow();
        await _outbox.ChangeAsync(outbox => outbox.Find(webhook, id) is { } known
            ? outbox.Put(known with { State = DeliveryState.Waiting, Since = now, NextAt = now, Attempts = 0 })
            : outbox);
        Look();
        return _outbox.Value.Find(webhook, id) is { } delivery ? Show(delivery) : null;
    }

    private static WebhookDelivery Show(StoredDelivery d) => new(d.Id, WebhookEvents.Name(d.Event), d.About, d.At, d.State, d.Attempts, d.NextAt, d.LastAt, d.Error);

    private void Look() => _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);

    // Begins what is due, and looks again when more will be.
    private async Task LookAsync(CancellationToken cancellation)
    {
        foreach (var surplus in _outbox.Value.TooMany().ToList())
        {
            await EndAsync(surplus, $"More than {StoredOutbox.MostWaiting} wait for this webhook.");
        }

        var now = _time.GetUtcNow();
        foreach (var delivery in _outbox.Value.Waiting.OrderBy(d => d.NextAt))
        {
            if (_underWay.Count >= MostAtOnce)
            {
                return;
            }

            if (delivery.NextAt - now is { } wait && wait > TimeSpan.Zero)
            {
                // A timer may be early by less than its own unit.
                _timer.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            if (_underWay.Count(d => string.Equals(d.Webhook, delivery.Webhook, StringComparison.Ordinal)) < MostAtOnceForOne && !_underWay.Exists(d => d.Is(delivery.Webhook, delivery.Id)))
            {
                _underWay.Add(delivery);
                DeliverAsync(delivery).Ignore();
            }
        }
    }

    private async Task DeliverAsync(StoredDelivery delivery)
    {
        var pause = TimeSpan.Zero;
        try
        {
            var result = await AttemptAsync(delivery);
            var now = _time.GetUtcNow();
            var tried = delivery with { Attempts = delivery.Attempts + 1, LastAt = now, Error = result.Error };
            if (result.Error is not { } error)
            {
                await _outbox.ChangeAsync(outbox => outbox.Put(tried with { State = DeliveryState.Delivered, NextAt = null }));
                _meter.Count(WebhookMetrics.Delivered);
            }
            else if (!result.IsFinal && _schedule.Next(tried, now, result.RetryAfter) is { } next)
            {
                await _outbox.ChangeAsync(outbox => outbox.Put(tried with { NextAt = next }));
                _meter.Count(WebhookMetrics.Retried);
            }
            else
            {
                await EndAsync(tried, error);
            }
        }
        catch (Exception failure)
        {
            pause = Pause;
            if (!_ending.IsCancellationRequested)
            {
                _log.LogWarning("A webhook could not be called, and is soon: {Webhook}, {Reason}", delivery.Webhook, failure.Message);
            }
        }

        _underWay.Remove(delivery);
        if (!_ending.IsCancellationRequested)
        {
            _timer.Change(pause, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task<SendResult> AttemptAsync(StoredDelivery delivery)
    {
        if (await _declared.FindAsync(delivery.Webhook) is not { } webhook)
        {
            return new SendResult("The webhook is not declared any more.", IsFinal: true);
        }

        if (webhook.Format is WebhookFormat.Email)
        {
            return await _mail.SendAsync(webhook.To, delivery, _ending.Token);
        }

        if (webhook.Format is WebhookFormat.Slack)
        {
            var (address, fault) = await _declared.AddressAsync(webhook);
            return fault is null ? await _sender.SendSlackAsync(address!, delivery, _ending.Token) : new SendResult(fault);
        }

        var (keys, wrong) = await _declared.KeysAsync(webhook);
        return wrong is null ? await _sender.SendAsync(webhook.Url!, delivery, keys, _ending.Token) : new SendResult(wrong);
    }

    // Told before it is stored: that may be twice, where a silo is lost between, but not never.
    private async Task EndAsync(StoredDelivery delivery, string error)
    {
        _log.LogWarning("Webhook {Webhook} was not told {Id} of {About}: {Reason}", delivery.Webhook, delivery.Id, delivery.About, error);
        await GrainFactory.GetGrain<IChangeLogGrain>(this.GetPrimaryKeyString()).AppendAsync(new NewChange(ChangeKind.WebhookFailed, $"{delivery.Webhook}/{delivery.Id}", Author.System));
        await _outbox.ChangeAsync(outbox => outbox.Put(delivery with { State = DeliveryState.Failed, NextAt = null, Error = error }));
        _meter.Count(WebhookMetrics.DeadLetter);
    }
}
