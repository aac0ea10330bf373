using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Resources;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Upstreams.Discovery;

public sealed class DnsSourceTests : IAsyncDisposable
{
    private static readonly AddressGuard Guard = AddressGuard.ForUpstreams(allowsPrivate: true, null);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);
    private readonly NameServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_hosts_addresses_are_told_and_told_again_once_they_may_have_changed()
    {
        _server.Host("orders.test", 0, "10.0.0.2", "10.0.0.1");
        await using var found = new FoundBy(Source(Host("orders.test", 8080)));
        await found.TellsAsync("http://10.0.0.1:8080/v2 as orders.test:8080, http://10.0.0.2:8080/v2 as orders.test:8080");

        _server.Host("orders.test", 0, "10.0.0.3");

        await found.TellsAsync("http://10.0.0.3:8080/v2 as orders.test:8080");
    }

    [Fact]
    public async Task What_lives_longer_is_not_asked_before_its_time()
    {
        _server.Host("orders.test", 3600, "10.0.0.1");
        await using var longest = new FoundBy(Source(Host("orders.test", 80) with { Most = Least }));
        await longest.TellsAsync("http://10.0.0.1/v2 as orders.test");
        await Eventually.HoldsAsync(() => _server.Asked >= 3);

        await using var server = new NameServer();
        server.Host("orders.test", 3600, "10.0.0.1");
        await using var found = new FoundBy(Source(Host("orders.test", 80) with { Servers = server.Address }));
        await found.TellsAsync("http://10.0.0.1/v2 as orders.test");
        Assert.Equal(1, server.Asked);
    }

    [Fact]
    public async Task A_services_best_hosts_are_told_with_their_weights()
    {
        _server.Service("_http._tcp.orders.test", 60, (1, 3, 8081, "a.test"), (1, 0, 8082, "b.test"), (2, 9, 8083, "c.test"));
        _server.Host("a.test", 60, "10.0.0.1");
        _server.Host("b.test", 60, "10.0.0.2");

        await using var found = new FoundBy(Source(Host("_http._tcp.orders.test", null)));

        await found.TellsAsync("http://10.0.0.1:8081/v2 x3 as a.test:8081, http://10.0.0.2:8082/v2 as b.test:8082");
    }

    [Fact]
    public async Task A_name_that_is_not_there_has_no_address_or_is_not_answered_ends_it_with_the_reason()
    {
        await using var unknown = new FoundBy(Source(Host("nowhere.test", 80)));
        await unknown.EndsAsync();
        Assert.Contains("Non-Existent Domain", unknown.Failure, StringComparison.Ordinal);

        _server.Host("empty.test", 60);
        await using var empty = new FoundBy(Source(Host("empty.test", 80)));
        await empty.EndsAsync();
        Assert.Equal("'empty.test' has no address", empty.Failure);

        _server.IsBroken = true;
        await using var broken = new FoundBy(Source(Host("empty.test", 80)));
        await broken.EndsAsync();
        Assert.Contains("Server Failure", broken.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_that_is_not_answered_keeps_what_it_had()
    {
        _server.Host("orders.test", 0, "10.0.0.1");

        await using var found = new FoundBy(Source(Host("orders.test", 80) with { Family = AddressFamilies.Both }));

        await found.TellsAsync("http://10.0.0.1/v2 as orders.test");
    }

    [Fact]
    public async Task A_name_server_is_asked_only_where_upstreams_may_be()
    {
        await using var found = new FoundBy(new DnsSource(Host("orders.test", 80), AddressGuard.ForUpstreams(allowsPrivate: false, null), TimeProvider.System));

        await found.EndsAsync();

        Assert.EndsWith("is not asked: it is this machine itself, and no range that the settings open", found.Failure, StringComparison.Ordinal);
        Assert.Equal(0, _server.Asked);
    }

    private static DnsSource Source(DnsDiscovery discovery) => new(discovery, Guard, TimeProvider.System);

    private DnsDiscovery Host(string name, int? port) => new(name, port, AddressFamilies.Ipv4, _server.Address, Least, TimeSpan.FromHours(1), new AddressForm(IsSecure: false, "/v2"));
}
