using k8s.Models;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Upstreams.Discovery;

public sealed class EndpointAddressesTests
{
    private static readonly KubernetesDiscovery Orders = new("shop", "orders", null, new AddressForm(IsSecure: false, "/"));

    [Fact]
    public void Those_that_are_ready_or_say_nothing_of_it_are_used()
    {
        var slice = Slice("IPv4", [("http", 8080)], Endpoint("10.0.0.1", ready: true), Endpoint("10.0.0.2", ready: false), Endpoint("10.0.0.3", ready: null));

        Assert.Equal("http://10.0.0.1:8080/ as orders.shop.svc:8080, http://10.0.0.3:8080/ as orders.shop.svc:8080", Text(Orders, slice));
    }

    [Fact]
    public void Where_none_is_ready_those_are_used_that_serve_though_they_end()
    {
        var slice = Slice("IPv4", [("http", 8080)], Endpoint("10.0.0.1", ready: false, serving: true), Endpoint("10.0.0.2", ready: false, serving: false));

        Assert.Equal("http://10.0.0.1:8080/ as orders.shop.svc:8080", Text(Orders, slice));
    }

    [Fact]
    public void Of_two_families_one_is_used_and_the_other_where_it_is_alone()
    {
        var (four, six) = (Slice("IPv4", [("http", 80)], Endpoint("10.0.0.1", ready: true)), Slice("IPv6", [("http", 80)], Endpoint("fd00::1", ready: true)));

        Assert.Equal("http://10.0.0.1/ as orders.shop.svc", Text(Orders, six, four));
        Assert.Equal("http://[fd00::1]/ as orders.shop.svc", Text(Orders, six));
    }

    [Fact]
    public void The_declared_port_is_meant_by_name_or_number_in_each_slice()
    {
        var one = Slice("IPv4", [("http", 8080), ("metrics", 9090)], Endpoint("10.0.0.1", ready: true));
        var two = Slice("IPv4", [("http", 8081), ("metrics", 9090)], Endpoint("10.0.0.2", ready: true));

        Assert.Equal("http://10.0.0.1:8080/ as orders.shop.svc:8080, http://10.0.0.2:8081/ as orders.shop.svc:8081", Text(Orders with { Port = "http" }, one, two));
        Assert.Equal("http://10.0.0.1:9090/ as orders.shop.svc:9090", Text(Orders with { Port = "9090" }, one));
        Assert.Equal("its endpoints have several ports; declare which: http, metrics", Assert.Throws<DiscoveryException>(() => Text(Orders, one)).Message);
        Assert.Equal("its endpoints have no port 'web'; they have http (8080), metrics (9090)", Assert.Throws<DiscoveryException>(() => Text(Orders with { Port = "web" }, one)).Message);
    }

    private static string Text(KubernetesDiscovery discovery, params V1EndpointSlice[] slices) => FoundBy.Text(EndpointAddresses.Of(slices, discovery));

    private static V1EndpointSlice Slice(string family, (string Name, int Port)[] ports, params V1Endpoint[] endpoints) => new()
    {
        AddressType = family,
        Endpoints = endpoints,
        Ports = [.. ports.Select(p => new Discoveryv1EndpointPort { Name = p.Name, Port = p.Port, Protocol = "TCP" })],
    };

    private static V1Endpoint Endpoint(string address, bool? ready, bool? serving = null) => new() { Addresses = [address], Conditions = new V1EndpointConditions { Ready = ready, Serving = serving } };
}
