using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>An upstream's <c>discovery</c> and weights, as they are read.</summary>
public sealed class DiscoveryFieldTests
{
    [Theory]
    [InlineData("\"discovery\":{}", "discovery: exactly one of dns, file and kubernetes must be there")]
    [InlineData("\"discovery\":{\"file\":{\"name\":\"a\"},\"dns\":{\"name\":\"a\",\"port\":1}}", "discovery: exactly one of dns, file and kubernetes must be there")]
    [InlineData("\"addresses\":[\"http://a\"],\"discovery\":{\"file\":{\"name\":\"a\"}}", "discovery: stands beside addresses; give one of the two")]
    [InlineData("\"discovery\":{\"dns\":{\"port\":80}}", "discovery.dns.name: exactly one of name and service must be there")]
    [InlineData("\"discovery\":{\"dns\":{\"name\":\"a.test\"}}", "discovery.dns.port: is missing")]
    [InlineData("\"discovery\":{\"dns\":{\"name\":\"10.0.0.1\",\"port\":80}}", "discovery.dns.name: must be a host name such as orders.internal; is '10.0.0.1'")]
    [InlineData("\"discovery\":{\"dns\":{\"service\":\"orders\"}}", "discovery.dns.service: must be the name of a service such as _http._tcp.orders.internal; is 'orders'")]
    [InlineData("\"discovery\":{\"dns\":{\"service\":\"_http._tcp.a\",\"port\":80}}", "discovery.dns.port: has no effect with service, whose records tell it; leave it out")]
    [InlineData("\"discovery\":{\"dns\":{\"name\":\"a\",\"port\":80,\"servers\":[\"ns.test\"]}}", "discovery.dns.servers[0]: must be an address such as 10.0.0.53 or 10.0.0.53:5353; is 'ns.test'")]
    [InlineData("\"discovery\":{\"dns\":{\"name\":\"a\",\"port\":80,\"least\":\"2m\"}}", "discovery.dns.most: must not be shorter than least")]
    [InlineData("\"discovery\":{\"dns\":{\"name\":\"a\",\"port\":80,\"family\":\"v4\"}}", "discovery.dns.family: must be one of ipv4, ipv6, both; is 'v4'")]
    [InlineData("\"discovery\":{\"dns\":{\"service\":\"_http._tcp.a\",\"scheme\":\"https\"}}", "tls: serverName is missing: the names of a service's hosts are told by DNS, which is no proof of whom to believe")]
    [InlineData("\"discovery\":{\"dns\":{\"name\":\"a\",\"port\":80}},\"tls\":{\"serverName\":\"a\"}", "tls: has no effect on addresses that are reached without TLS; set the discovery's scheme to https, or leave tls out")]
    [InlineData("\"discovery\":{\"dns\":{\"name\":\"a\",\"port\":80,\"path\":\"v2\"}}", "discovery.dns.path: must begin with '/' and have no query, is 'v2'")]
    [InlineData("\"discovery\":{\"file\":{\"name\":\"../secret\"}}", "discovery.file.name: must be the name of a file such as orders.yaml, in the folder that Edge:Discovery names; is '../secret'")]
    [InlineData("\"discovery\":{\"kubernetes\":{\"namespace\":\"shop\"}}", "discovery.kubernetes.service: is missing")]
    [InlineData("\"discovery\":{\"kubernetes\":{\"namespace\":\"a/b\",\"service\":\"c\"}}", "discovery.kubernetes.namespace: must be 1 to 63 of a-z, 0-9 and -, as Kubernetes has it; is 'a/b'")]
    [InlineData("\"discovery\":{\"kubernetes\":{\"namespace\":\"a\",\"service\":\"c\",\"port\":true}}", "discovery.kubernetes.port: must be a text or a number, is true or false")]
    [InlineData("\"addresses\":[1]", "addresses[0]: must be an address, or an object with address and weight, is a number")]
    [InlineData("\"addresses\":[{\"weight\":2}]", "addresses[0].address: is missing")]
    [InlineData("\"addresses\":[{\"address\":\"http://a\",\"weight\":0}]", "addresses[0].weight: must be a whole number from 1 to 1000, is 0")]
    [InlineData("\"addresses\":[\"http://a\",{\"address\":\"http://a/\"}]", "addresses[1]: 'http://a/' stands here twice")]
    public void What_is_wrong_is_told(string fields, string expected)
    {
        var errors = Declared.Errors($$"""{"kind":"Upstream","name":"u",{{fields}}}""");

        Assert.Contains(errors, e => e.StartsWith($"Upstream/u: {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_right_is_read_and_two_that_say_the_same_are_equal()
    {
        const string Text = """{ kind: Upstream, name: u, discovery: { dns: { name: Orders.Test., port: 8443, scheme: https, servers: [10.0.0.53], most: 5m } }, tls: { serverName: a } }""";
        var (one, two) = (Read(Text), Read(Text));

        Assert.Equal(new DnsDiscovery("orders.test", 8443, AddressFamilies.Ipv4, "10.0.0.53", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), new AddressForm(IsSecure: true, "/")), one.Discovery);
        Assert.Equal(one.Discovery, two.Discovery);
        Assert.Equal(["dns orders.test"], one.Places);
        Assert.Equal(new KubernetesDiscovery("shop", "orders", "8080", new AddressForm(IsSecure: false, "/")), Read("{ kind: Upstream, name: u, discovery: { kubernetes: { namespace: shop, service: orders, port: 8080 } } }").Discovery);
        Assert.Equal([1, 3], Read("{ kind: Upstream, name: u, addresses: [http://a, { address: http://b, weight: 3 }] }").Weights);
        Assert.Empty(Read("{ kind: Upstream, name: u, addresses: [http://a, { address: http://b, weight: 1 }] }").Weights);
    }

    private static UpstreamResource Read(string yaml) => (UpstreamResource)ResourceReader.Read(Assert.Single(Declared.Bodies(yaml)).Json).Resource!;
}
