using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>What clients are told of the limits that bind them.</summary>
public sealed class LimitHeaderTests : IAsyncDisposable
{
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly ScriptedLimit _limit = new();
    private readonly MeteredEdge _edge;

    public LimitHeaderTests() => _edge = new MeteredEdge(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero)), (_, _) => _limit);

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Headers_tell_the_limit_what_remains_and_when_it_is_full_again()
    {
        var reservation = await AdmitAsync(Revision(1, MeteredEdge.Limit(requests: MeteredEdge.PerSecond(10, 10), tokens: MeteredEdge.PerSecond(100, 100))));

        Assert.Equal(
            new RateHeaders(10, 9, TimeSpan.FromMilliseconds(100), 100, 90, TimeSpan.FromMilliseconds(100)), reservation.Headers);
    }

    [Fact]
    public async Task Headers_tell_the_limit_of_the_revision_that_the_request_was_admitted_under()
    {
        var before = await AdmitAsync(Revision(1, MeteredEdge.Limit(requests: MeteredEdge.PerSecond(10, 10))));
        var after = await AdmitAsync(Revision(2, MeteredEdge.Limit(requests: MeteredEdge.PerSecond(20, 20))));

        Assert.Equal((10, 20), (before.Headers!.Value.LimitRequests, after.Headers!.Value.LimitRequests));
    }

    [Fact]
    public async Task Where_no_limit_binds_there_are_no_headers()
    {
        var revision = MeteredEdge.Revision([], []);

        Assert.Null((await AdmitAsync(revision)).Headers);
        Assert.NotNull((await _edge.AdmitAsync(revision, null, TenTokens)).Reservation);
    }

    private static EdgeRevision Revision(long number, LimitResource limit) => MeteredEdge.Revision([limit], [], number);

    private async Task<Reservation> AdmitAsync(EdgeRevision revision) => (await _edge.AdmitAsync(revision, MeteredEdge.Acme(), TenTokens)).Reservation!;
}
