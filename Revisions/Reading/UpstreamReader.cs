using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Upstream</c>.</summary>
internal static class UpstreamReader
{
    private static readonly Timeouts Defaults = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(100));

    public static Resource Read(string name, Fields fields)
    {
        var protocol = fields.OneOf<UpstreamProtocol>("protocol", UpstreamProtocol.Http1);
        var balancing = fields.OneOf<LoadBalancing>("loadBalancing", LoadBalancing.PowerOfTwoChoices);
        var discovery = DiscoveryReader.Read(fields);
        var (addresses, weights) = discovery is null && !fields.Has("discovery") ? AddressReader.Read(fields, "addresses") : ([], []);
        var tls = UpstreamTlsReader.Read(fields, addresses, discovery);
        DiscoveryReader.CheckName(fields, discovery, tls);
        return new UpstreamResource(
            name,
            addresses,
            balancing,
            protocol,
            ReadTimeouts(fields, Defaults),
            BalanceReader.ReadHealth(fields))
        {
            Retry = UpstreamPolicyReader.ReadRetry(fields),
            Ejection = UpstreamPolicyReader.ReadEjection(fields),
            Circuit = UpstreamPolicyReader.ReadCircuit(fields, protocol),
            Tls = tls,
            Discovery = discovery,
            Weights = weights,
            Hash = BalanceReader.ReadHash(fields, balancing),
            SlowStart = BalanceReader.ReadSlowStart(fields, balancing),
        };
    }

    /// <summary>The <c>timeouts</c> that upstreams and providers share.</summary>
    public static Timeouts ReadTimeouts(Fields fields, Timeouts defaults)
    {
        if (fields.Object("timeouts") is not { } inner)
        {
            return defaults;
        }

        var least = TimeSpan.FromMilliseconds(1);
        var timeouts = new Timeouts(
            inner.Time("connect", least, TimeSpan.FromMinutes(1), defaults.Connect),
            inner.Time("firstByte", least, TimeSpan.FromHours(1), defaults.FirstByte),
            inner.Time("idle", least, TimeSpan.FromHours(1), defaults.Idle));
        inner.Close();
        return timeouts;
    }
}
