using System.Collections.Immutable;
using System.Net;

namespace Sluice.Revisions.Forwarding;

/// <summary>Addresses and ranges of them: <c>203.0.113.7</c>, <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>. An IPv4 address that is mapped into IPv6 is the IPv4 address.</summary>
public sealed class AddressList
{
    /// <summary>For people, in errors.</summary>
    public const string Rule = "an IP address or a range such as 10.0.0.0/8";

    private readonly ImmutableArray<IPNetwork> _ranges;

    private AddressList(ImmutableArray<IPNetwork> ranges) => _ranges = ranges;

    /// <summary>Reads ranges that were checked.</summary>
    /// <exception cref="FormatException">One is none.</exception>
    public static AddressList Of(IEnumerable<string> ranges) => new([.. ranges.Select(text => TryRead(text, out var range) ? range : throw new FormatException($"'{text}' is not {Rule}"))]);

    /// <summary>Whether a text is an address or a range; bits behind a range's length must be 0.</summary>
    public static bool IsRange(string text) => TryRead(text, out _);

    /// <summary>The ranges, an address being one of its own.</summary>
    public ImmutableArray<IPNetwork> Ranges => _ranges;

    /// <summary>Whether an address lies in one of the ranges.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var range in _ranges)
        {
            if (range.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryRead(string text, out IPNetwork range)
    {
        if (text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash)
        {
            return IPNetwork.TryParse(text, out range) && IPAddress.TryParse(text.AsSpan(0, slash), out var begin) && range.BaseAddress.Equals(begin);
        }

        var isAddress = IPAddress.TryParse(text, out var address);
        range = isAddress ? new IPNetwork(address!, address!.GetAddressBytes().Length * 8) : default;
        return isAddress && text.AsSpan().ContainsAny(".:");
    }
}
