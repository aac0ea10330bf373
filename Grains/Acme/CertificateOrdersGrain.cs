using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Acme;

/// <summary>
/// Looks after the certificates of a workspace that are obtained: has each one's grain do its next step when it is due, and removes what was obtained for one that is declared no more. It keeps
/// nothing: what it knows is read anew by the next activation, and each grain says itself what it lacks.
/// </summary>
[Reentrant, GrainType("certificate-orders")]
internal sealed class CertificateOrdersGrain(AcmeMeter meter, TimeProvider time, ILogger<CertificateOrdersGrain> log) : Grain, ICertificateOrdersGrain
{
    private const int MostAtOnce = 8;

    // What a publish that could not be told of costs.
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Looked> _all = new(StringComparer.Ordinal);
    private IGrainTimer _timer = null!;
    private DateTimeOffset _readAt;
    private bool _isChanged = true;

    private string Workspace => this.GetPrimaryKeyString();

    private ICatalogGrain Catalog => GrainFactory.GetGrain<ICatalogGrain>(Workspace);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        foreach (var name in _all.Keys)
        {
            meter.Tell(Workspace, name, null);
        }

        return Task.CompletedTask;
    }

    public Task WakeAsync()
    {
        if (_isChanged || time.GetUtcNow() - _readAt > ReadEvery || _all.Values.Any(c => !c.IsUnderWay && c.NextAt <= time.GetUtcNow()))
        {
            Look();
        }

        return Task.CompletedTask;
    }

    public Task ChangedAsync()
    {
        _isChanged = true;
        Look();
        return Task.CompletedTask;
    }

    public async Task<bool> RenewAsync(string certificate)
    {
        if (await Catalog.GetResourceAsync(CertificateResource.KindName, certificate) is not { } body || ResourceReader.Read(body.Json).Resource is not CertificateResource { Authority: not null })
        {
            return false;
        }

        await OrderOf(certificate).RenewAsync();
        if (_all.TryGetValue(certificate, out var known))
        {
            (known.NextAt, known.IsAsked) = (time.GetUtcNow(), true);
        }

        Look();
        return true;
    }

    private ICertificateOrderGrain OrderOf(string certificate) => GrainFactory.GetGrain<ICertificateOrderGrain>(GrainKeys.Join(Workspace, certificate));

    private void Look() => _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            if (_isChanged || time.GetUtcNow() - _readAt > ReadEvery)
            {
                await ReadAsync();
            }
        }
        catch (Exception failure)
        {
            log.LogWarning("The certificates of {Workspace} could not be read, and are soon: {Reason}", Workspace, failure.Message);
            _isChanged = true;
        }

        var now = time.GetUtcNow();
        foreach (var (name, certificate) in _all.Where(c => !c.Value.IsUnderWay && c.Value.NextAt <= now).Take(MostAtOnce - _all.Values.Count(c => c.IsUnderWay)).ToList())
        {
            certificate.IsUnderWay = true;
            LookAtAsync(name, certificate).Ignore();
        }

        var soonest = _all.Values.Where(c => !c.IsUnderWay && c.NextAt > now).Select(c => c.NextAt).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        if (soonest - now < ReadEvery)
        {
            _timer.Change(soonest - now + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private async Task LookAtAsync(string name, Looked certificate)
    {
        try
        {
            certificate.IsAsked = false;
            var next = await OrderOf(name).LookAsync();
            var attempts = (await OrderOf(name).GetAsync()).Attempts;
            if (_all.TryGetValue(name, out var known) && ReferenceEquals(known, certificate))
            {
                meter.Tell(Workspace, name, attempts);
            }

            certificate.NextAt = certificate.IsAsked ? time.GetUtcNow() : next ?? DateTimeOffset.MaxValue;
        }
        catch (Exception failure)
        {
            log.LogWarning("Certificate {Certificate} could not be looked after, and is soon: {Reason}", name, failure.Message);
            certificate.NextAt = time.GetUtcNow() + Pause;
        }

        certificate.IsUnderWay = false;
        Look();
    }

    private async Task ReadAsync()
    {
        (_isChanged, _readAt) = (false, time.GetUtcNow());
        var head = await Catalog.GetHeadAsync();
        var authorities = (await Catalog.GetResourcesAsync(CertificateAuthorityResource.KindName)).ToDictionary(a => a.Name, a => a.Hash, StringComparer.Ordinal);
        var secrets = (await Catalog.GetResourcesAsync(SecretResource.KindName)).Where(s => Owners.Of(s) is Owners.Acme).ToDictionary(s => s.Name, s => s.Hash, StringComparer.Ordinal);
        var declared = new HashSet<string>(StringComparer.Ordinal);
        foreach (var body in authorities.Count == 0 ? [] : await Catalog.GetResourcesAsync(CertificateResource.KindName))
        {
            if (ResourceReader.Read(body.Json).Resource is CertificateResource { Authority: { } authority })
            {
                declared.Add(body.Name);
                Take(body.Name, $"{body.Hash} {authorities.GetValueOrDefault(authority)} {secrets.GetValueOrDefault(CertificateResource.ObtainedSecret(body.Name))}");
            }
        }

        foreach (var gone in _all.Keys.Where(name => !declared.Contains(name)).ToList())
        {
            _all.Remove(gone);
            meter.Tell(Workspace, gone, null);
            await OrderOf(gone).LookAsync();
        }

        await RemoveAsync([.. secrets.Keys.Where(secret => CertificateResource.ObtainedFor(secret) is { } name && !declared.Contains(name))], head.Revision);
    }

    private void Take(string name, string mark)
    {
        if (!_all.TryGetValue(name, out var known))
        {
            _all.Add(name, known = new Looked());
        }

        if (!string.Equals(known.Mark, mark, StringComparison.Ordinal))
        {
            (known.Mark, known.NextAt, known.IsAsked) = (mark, time.GetUtcNow(), true);
        }
    }

    // Where somebody publishes meanwhile, the look that follows sees what is left.
    private async Task RemoveAsync(ImmutableArray<string> secrets, long revision)
    {
        if (!secrets.IsEmpty)
        {
            await Catalog.PublishAsync(new PublishRequest(
                [], [.. secrets.Select(secret => new ResourceKey(SecretResource.KindName, secret))], Prune: false, revision, DryRun: false, new Author(Owners.Acme, Owners.Acme, ""), "their certificates are declared no more", Owner: Owners.Acme));
        }
    }

    private sealed class Looked
    {
        public string Mark { get; set; } = "";

        public DateTimeOffset NextAt { get; set; }

        public bool IsUnderWay { get; set; }

        public bool IsAsked { get; set; }
    }
}
