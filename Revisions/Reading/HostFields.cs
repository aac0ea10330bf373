using System.Collections.Immutable;

namespace Sluice.Revisions.Reading;

/// <summary>Reads lists of hosts: <c>shop.example.com</c>, <c>*.example.com</c>.</summary>
internal static class HostFields
{
    /// <summary>The hosts in lower case; what is none is noted as wrong.</summary>
    public static ImmutableArray<string> Read(Fields fields, string field)
    {
        var hosts = fields.Texts(field);
        for (var i = 0; i < hosts.Length; i++)
        {
            if (!IsHost(hosts[i]))
            {
                fields.Wrong($"{field}[{i}]", $"must be a host name such as shop.example.com or *.example.com, without port; is '{hosts[i]}'");
            }
        }

        return hosts.Any(h => h.Any(char.IsUpper)) ? [.. hosts.Select(h => h.ToLowerInvariant())] : hosts;
    }

    private static bool IsHost(string host)
    {
        var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return name.Length is > 0 and <= 253 && Uri.CheckHostName(name) != UriHostNameType.Unknown && !name.Contains('*', StringComparison.Ordinal);
    }
}
