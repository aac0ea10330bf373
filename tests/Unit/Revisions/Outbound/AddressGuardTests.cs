using System.Net;
using Sluice.Revisions.Outbound;

namespace Sluice.Tests.Unit.Revisions.Outbound;

/// <summary>Which addresses are connected to, and which are not.</summary>
public sealed class AddressGuardTests
{
    private static readonly AddressGuard Upstreams = AddressGuard.ForUpstreams(allowsPrivate: true, openRanges: null);
    private static readonly AddressGuard Webhooks = AddressGuard.ForWebhooks(openRanges: null);

    [Theory]
    [InlineData("8.8.8.8", AddressKind.Public)]
    [InlineData("172.15.255.255", AddressKind.Public)]
    [InlineData("172.32.0.0", AddressKind.Public)]
    [InlineData("2606:4700::1111", AddressKind.Public)]
    [InlineData("10.1.2.3", AddressKind.Private)]
    [InlineData("172.16.0.1", AddressKind.Private)]
    [InlineData("172.31.255.255", AddressKind.Private)]
    [InlineData("192.168.0.1", AddressKind.Private)]
    [InlineData("100.64.0.1", AddressKind.Private)]
    [InlineData("198.19.0.1", AddressKind.Private)]
    [InlineData("fd12:3456::1", AddressKind.Private)]
    [InlineData("fec0::1", AddressKind.Private)]
    [InlineData("127.0.0.1", AddressKind.Loopback)]
    [InlineData("127.255.0.1", AddressKind.Loopback)]
    [InlineData("::1", AddressKind.Loopback)]
    [InlineData("169.254.1.1", AddressKind.LinkLocal)]
    [InlineData("fe80::1", AddressKind.LinkLocal)]
    [InlineData("febf::1", AddressKind.LinkLocal)]
    [InlineData("169.254.169.254", AddressKind.Metadata)]
    [InlineData("169.254.170.2", AddressKind.Metadata)]
    [InlineData("100.100.100.200", AddressKind.Metadata)]
    [InlineData("168.63.129.16", AddressKind.Metadata)]
    [InlineData("fd00:ec2::254", AddressKind.Metadata)]
    [InlineData("0.0.0.0", AddressKind.Nowhere)]
    [InlineData("0.1.2.3", AddressKind.Nowhere)]
    [InlineData("::", AddressKind.Nowhere)]
    [InlineData("224.0.0.1", AddressKind.Nowhere)]
    [InlineData("255.255.255.255", AddressKind.Nowhere)]
    [InlineData("ff02::1", AddressKind.Nowhere)]
    public void An_address_is_of_its_registered_kind(string address, AddressKind kind) => Assert.Equal(kind, AddressKinds.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("::ffff:169.254.169.254", AddressKind.Metadata)]
    [InlineData("::ffff:a9fe:a9fe", AddressKind.Metadata)]
    [InlineData("::ffff:127.0.0.1", AddressKind.Loopback)]
    [InlineData("::127.0.0.1", AddressKind.Loopback)]
    [InlineData("::ffff:0:10.0.0.1", AddressKind.Private)]
    [InlineData("64:ff9b::a9fe:a9fe", AddressKind.Metadata)]
    [InlineData("64:ff9b::8.8.8.8", AddressKind.Public)]
    [InlineData("2002:7f00:1::", AddressKind.Loopback)]
    [InlineData("2002:a9fe:a9fe::1", AddressKind.Metadata)]
    [InlineData("2001:0:1:2:3:4:80ff:fffe", AddressKind.Loopback)]
    [InlineData("fe80::1%1", AddressKind.LinkLocal)]
    [InlineData("fd00:ec2::254%3", AddressKind.Metadata)]
    public void What_an_address_carries_or_its_zone_hides_nothing(string address, AddressKind kind) => Assert.Equal(kind, AddressKinds.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://2852039166/", "169.254.169.254")]
    [InlineData("http://0251.0376.0251.0376/", "169.254.169.254")]
    [InlineData("http://0xA9FEA9FE/", "169.254.169.254")]
    [InlineData("http://0xa9.254.0251.254/", "169.254.169.254")]
    [InlineData("http://169.254.43518/", "169.254.169.254")]
    [InlineData("http://127.1/", "127.0.0.1")]
    [InlineData("http://[::ffff:169.254.169.254]/", "::ffff:169.254.169.254")]
    public void A_number_in_any_writing_is_the_address_that_it_means(string url, string address) => Assert.Equal(IPAddress.Parse(address), IPAddress.Parse(new Uri(url).IdnHost));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("fd12::1")]
    public void Administrators_upstreams_may_be_near_and_webhooks_may_not(string address)
    {
        var at = IPAddress.Parse(address);

        Assert.Null(Upstreams.RefusalOf(at, 443, isPlain: true));
        Assert.NotNull(AddressGuard.ForUpstreams(allowsPrivate: false, null).RefusalOf(at, 443, isPlain: true));
        Assert.NotNull(Webhooks.RefusalOf(at, 443, isPlain: false));
        Assert.Null(AddressGuard.ForWebhooks("127.0.0.0/8, 10.0.0.0/24,fd12::/16").RefusalOf(at, 443, isPlain: true));
    }

    [Fact]
    public void A_webhook_on_the_internet_needs_TLS()
    {
        var at = IPAddress.Parse("93.184.216.34");

        Assert.Null(Webhooks.RefusalOf(at, 443, isPlain: false));
        Assert.Contains("https", Webhooks.RefusalOf(at, 443, isPlain: true), StringComparison.Ordinal);
        Assert.Null(Upstreams.RefusalOf(at, 443, isPlain: true));
        Assert.Null(AddressGuard.ForWebhooks("93.184.216.0/24").RefusalOf(at, 443, isPlain: true));
    }

    [Theory]
    [InlineData("169.254.169.254", "0.0.0.0/0", false)]
    [InlineData("169.254.169.254", "169.254.0.0/16", false)]
    [InlineData("169.254.169.254", "169.254.169.254/32", true)]
    [InlineData("169.254.20.10", null, false)]
    [InlineData("169.254.20.10", "0.0.0.0/0", false)]
    [InlineData("169.254.20.10", "169.0.0.0/8", false)]
    [InlineData("169.254.20.10", "169.254.20.0/24", true)]
    [InlineData("fe80::1", "::/0", false)]
    [InlineData("fe80::1", "fe80::/10", true)]
    [InlineData("fe80::1%1", "fe80::/10", true)]
    [InlineData("fd00:ec2::254", "fd00::/8", false)]
    [InlineData("0.0.0.0", "0.0.0.0/0", false)]
    [InlineData("0.0.0.0", "0.0.0.0/32", false)]
    [InlineData("224.0.0.1", "224.0.0.0/4", false)]
    [InlineData("::ffff:169.254.169.254", "0.0.0.0/0", false)]
    public void The_link_and_metadata_are_open_only_where_a_range_means_them(string address, string? ranges, bool isOpen)
    {
        var at = IPAddress.Parse(address);

        Assert.Equal(isOpen, AddressGuard.ForUpstreams(allowsPrivate: true, ranges).RefusalOf(at, 443, isPlain: true) is null);
        Assert.Equal(isOpen, AddressGuard.ForWebhooks(ranges).RefusalOf(at, 443, isPlain: false) is null);
    }

    [Theory]
    [InlineData("127.0.0.1", 7070, "the admin API")]
    [InlineData("::ffff:127.0.0.1", 7070, "the admin API")]
    [InlineData("127.0.0.1", 7071, null)]
    [InlineData("127.0.0.2", 7070, null)]
    [InlineData("127.0.0.2", 9090, "the health port")]
    [InlineData("::1", 9090, "the health port")]
    [InlineData("10.9.8.7", 9090, null)]
    [InlineData("10.9.8.7", 30000, "a gateway")]
    public void The_clusters_own_ports_are_refused_where_they_listen(string address, int port, string? what)
    {
        var at = IPAddress.Parse(address);
        var wide = "127.0.0.0/8, ::1/128, 10.0.0.0/8";

        foreach (var guard in new[] { AddressGuard.ForUpstreams(allowsPrivate: true, openRanges: null, Own()), AddressGuard.ForUpstreams(allowsPrivate: false, wide, Own()), AddressGuard.ForWebhooks(wide, Own()) })
        {
            Assert.Equal(what is null ? null : $"at port {port} is {what} of this cluster, and the settings do not open that address with its port", guard.RefusalOf(at, port, isPlain: true));
        }
    }

    [Fact]
    public void A_port_of_the_cluster_is_open_where_the_settings_name_its_address_and_port_and_so_is_nothing_else()
    {
        var webhooks = AddressGuard.ForWebhooks("127.0.0.1:7070, [::1]:9090", Own());

        Assert.Null(webhooks.RefusalOf(IPAddress.Loopback, 7070, isPlain: true));
        Assert.Null(webhooks.RefusalOf(IPAddress.IPv6Loopback, 9090, isPlain: true));
        Assert.NotNull(webhooks.RefusalOf(IPAddress.Loopback, 9090, isPlain: true));
        Assert.NotNull(webhooks.RefusalOf(IPAddress.Loopback, 7071, isPlain: true));
        Assert.NotNull(webhooks.RefusalOf(IPAddress.Parse("127.0.0.2"), 7070, isPlain: true));
    }

    [Theory]
    [InlineData("metadata.google.internal", true)]
    [InlineData("METADATA.google.internal.", true)]
    [InlineData("metadata.example.com", false)]
    public void Names_of_metadata_services_are_refused_whatever_they_resolve_to(string host, bool isRefused) => Assert.Equal(isRefused, AddressGuard.RefusalOf(host) is not null);

    [Theory]
    [InlineData(null, 0)]
    [InlineData("10.0.0.0/8, fd00::/8", 0)]
    [InlineData("10.0.0.1/8", 0)]
    [InlineData("127.0.0.1:7070,[::1]:7070", 0)]
    [InlineData("127.0.0.1,127.0.0.1:0,::1:7070,host:80", 4)]
    [InlineData("10.0.0.0/8,everything,10.0.0.0/33", 2)]
    public void Ranges_that_are_none_are_named(string? ranges, int wrong)
    {
        var errors = AddressGuard.Check("Edge:OpenRanges", ranges).ToArray();

        Assert.Equal(wrong, errors.Length);
        Assert.All(errors, error => Assert.StartsWith("Edge:OpenRanges must be ranges such as 10.0.0.0/8", error, StringComparison.Ordinal));
    }

    private static OwnPorts Own()
    {
        var own = new OwnPorts();
        own.Add("the admin API", new IPEndPoint(IPAddress.Loopback, 7070));
        own.Add("the health port", new IPEndPoint(IPAddress.Any, 9090));
        own.Add("a gateway", new IPEndPoint(IPAddress.Parse("10.9.8.7"), 30000));
        own.Add("nothing", new IPEndPoint(IPAddress.Any, 0));
        return own;
    }
}
