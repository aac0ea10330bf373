using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Sluice.Edge.Configuration;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Probes the addresses of upstreams that declare active health, each in its own interval.</summary>
internal sealed class UpstreamHealth(ActiveRevision active, Connections connections, Discoveries discoveries, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<(string Upstream, Uri Address), AddressState> _states = new();
    private readonly Dictionary<(string Upstream, Uri Address), long> _due = [];
    private readonly long _origin = time.GetTimestamp();
    private EdgeRevision? _seen;
    private int _changes;
    private Probed[] _probed = [];

    /// <summary>Since this was made: the time as the rules count it.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>How many addresses are ejected.</summary>
    public long Ejected => _states.Values.Count(state => state.Ejection.IsEjected(Now));

    /// <summary>The state of an address, the same object as long as the upstream has it.</summary>
    public AddressState Of(UpstreamResource upstream, Uri address) =>
        _states.TryGetValue((upstream.Name, address), out var state) ? state : _states.GetOrAdd((upstream.Name, address), static (_, now) => new AddressState { WellSince = now }, Now);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Step, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (active.Current is { } revision && (!ReferenceEquals(revision, _seen) || discoveries.Changes != _changes))
            {
                Take(revision);
            }

            ProbeDue(stoppingToken);
        }
    }

    // What is not probed any more is well, and what is not there any more is forgotten; a request of before that still goes there makes it known again.
    private void Take(EdgeRevision revision)
    {
        (_seen, _changes) = (revision, discoveries.Changes);
        _probed =
        [
            .. revision.Sides.SelectMany(side => side.Plan.Upstreams.Values.Select(upstream => (upstream, side))).Where(probed => probed.upstream.Health is not null)
                .DistinctBy(probed => probed.upstream).Select(probed => new Probed(probed.upstream, probed.side, AddressesOf(probed.upstream))),
        ];
        foreach (var (place, state) in _states)
        {
            var upstreams = Named(revision, place.Upstream).Where(upstream => AddressesOf(upstream).All.Any(found => found.Address == place.Address)).ToList();
            if (upstreams.Count == 0)
            {
                _states.TryRemove(place, out _);
                _due.Remove(place);
            }
            else
            {
                state.Healthy |= upstreams.TrueForAll(upstream => upstream.Health is null);
                if (upstreams.TrueForAll(upstream => upstream.Ejection is null))
                {
                    state.Ejection.Forget();
                }
            }
        }
    }

    // By a canary an upstream may be another on its side.
    private static IEnumerable<UpstreamResource> Named(EdgeRevision revision, string name) => revision.Sides.Select(side => side.Plan.Upstreams.GetValueOrDefault(name)).OfType<UpstreamResource>();

    private void ProbeDue(CancellationToken stopping)
    {
        foreach (var (upstream, revision, addresses) in _probed)
        {
            var health = upstream.Health!;
            foreach (var found in addresses.All)
            {
                var address = found.Address;
                var now = time.GetTimestamp();
                if (!_due.TryGetValue((upstream.Name, address), out var due) || due <= now)
                {
                    _due[(upstream.Name, address)] = now + (long)(health.Interval.TotalSeconds * time.TimestampFrequency);
                    _ = ProbeAsync(upstream, revision, found, health, stopping);
                }
            }
        }
    }

    private async Task ProbeAsync(UpstreamResource upstream, EdgeRevision revision, FoundAddress found, ActiveHealth health, CancellationToken stopping)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        bound.CancelAfter(health.Timeout);
        var state = Of(upstream, found.Address);
        try
        {
            using var request = Request(found, health);
            using var response = await connections.For(upstream, revision).SendAsync(request, bound.Token);
            Note(state, health, health.Statuses.Any(range => (int)response.StatusCode >= range.From && (int)response.StatusCode <= range.To));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            Note(state, health, isGood: false);
        }

        // Whose probes were ended meanwhile is well: nothing else would say so.
        if (active.Current is not { } current || Named(current, upstream.Name).All(known => known.Health is null))
        {
            state.Healthy = true;
        }
    }

    private static HttpRequestMessage Request(FoundAddress found, ActiveHealth health)
    {
        var target = new Uri(found.Address, health.Path);
        var request = new HttpRequestMessage(HttpMethod.Get, health.Port is { } port ? new UriBuilder(target) { Port = port }.Uri : target);
        request.Headers.Host = health.Host ?? found.Host;
        foreach (var header in health.Headers)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Text);
        }

        return request;
    }

    private void Note(AddressState state, ActiveHealth health, bool isGood)
    {
        if (state.Probes.Note(isGood, state.Healthy, health.Healthy, health.Unhealthy) is not { } isWell)
        {
            return;
        }

        if (isWell)
        {
            state.WellSince = Now;
        }

        state.Healthy = isWell;
    }

    private FoundAddresses AddressesOf(UpstreamResource upstream) => upstream.Discovery is null ? FoundAddresses.Declared(upstream) : discoveries.Of(upstream).Current;

    private sealed record Probed(UpstreamResource Upstream, EdgeRevision Revision, FoundAddresses Addresses);
}
