using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads how an upstream's addresses are chosen and probed: <c>hash</c>, <c>slowStart</c>, <c>health</c>.</summary>
internal static partial class BalanceReader
{
    private const int MostHeaders = 20;

    public static AddressHash? ReadHash(Fields fields, LoadBalancing how)
    {
        if (fields.Object("hash", required: how is LoadBalancing.Hash) is not { } hash)
        {
            return null;
        }

        if (how is not LoadBalancing.Hash)
        {
            fields.Wrong("hash", $"has no effect with loadBalancing: {Fields.Spell(how)}; set loadBalancing: hash, or leave it out");
        }

        var by = hash.OneOf<HashBy>("by", fallback: null);
        var isNamed = by is HashBy.Header or HashBy.Cookie;
        var name = hash.TextOrNull("name", required: isNamed);
        if (!isNamed && name is not null)
        {
            hash.Wrong("name", $"has no effect with by: {Fields.Spell(by)}; leave it out");
        }
        else if (name is not null && !TransformReader.IsToken(name))
        {
            hash.Wrong("name", $"'{name}' is not the name of a {Fields.Spell(by)}");
        }

        hash.Close();
        return new AddressHash(by, name);
    }

    public static TimeSpan? ReadSlowStart(Fields fields, LoadBalancing how)
    {
        if (!fields.Has("slowStart"))
        {
            return null;
        }

        if (how is LoadBalancing.Hash)
        {
            fields.Wrong("slowStart", "has no effect with loadBalancing: hash, which keeps each value on its address; leave it out");
        }

        return fields.Time("slowStart", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), TimeSpan.FromSeconds(30));
    }

    public static ActiveHealth? ReadHealth(Fields fields)
    {
        if (fields.Object("health") is not { } health)
        {
            return null;
        }

        ActiveHealth? result = null;
        if (health.Object("active", required: true) is { } active)
        {
            var path = active.Text("path");
            if (path.Length > 0 && (path[0] != '/' || path.StartsWith("//", StringComparison.Ordinal)))
            {
                active.Wrong("path", $"must begin with one '/', is '{path}'");
            }

            result = new ActiveHealth(
                path,
                active.Time("interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromSeconds(5)),
                active.Time("timeout", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2)))
            {
                Healthy = (int)active.Number("healthy", 1, 100, 1),
                Unhealthy = (int)active.Number("unhealthy", 1, 100, 1),
                Statuses = ReadStatuses(active),
                Host = ReadHost(active),
                Port = active.Has("port") ? (int)active.Number("port", 1, System.Net.IPEndPoint.MaxPort, 80) : null,
                Headers = ReadHeaders(active),
            };
            active.Close();
        }

        health.Close();
        return result;
    }

    private static string? ReadHost(Fields active)
    {
        var host = active.TextOrNull("host");
        if (host is not null && Uri.CheckHostName(host) is UriHostNameType.Unknown or UriHostNameType.Basic)
        {
            active.Wrong("host", $"must be a host name such as orders.internal, without scheme or port; is '{host}'");
        }

        return host;
    }

    private static ImmutableArray<StatusRange> ReadStatuses(Fields active)
    {
        if (!active.Has("statuses"))
        {
            return [new StatusRange(200, 299)];
        }

        var ranges = ImmutableArray.CreateBuilder<StatusRange>();
        foreach (var (path, entry) in active.Entries("statuses", required: true, "a number or a text", JsonValueKind.Number, JsonValueKind.String))
        {
            var text = entry.ToString();
            if (Statuses().Match(text) is { Success: true } match
                && int.Parse(match.Groups["from"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) is var from
                && (match.Groups["to"].Success ? int.Parse(match.Groups["to"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : from) is var to && to >= from)
            {
                ranges.Add(new StatusRange(from, to));
            }
            else
            {
                active.Wrong(path, $"must be a status such as 204, or several such as \"200-399\"; is {entry.GetRawText()}");
            }
        }

        return ranges.ToImmutable();
    }

    private static ImmutableArray<NamedText> ReadHeaders(Fields active)
    {
        var headers = ImmutableArray.CreateBuilder<NamedText>();
        foreach (var (name, values) in active.Values("headers").OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (FindWrong(name, values) is { } wrong)
            {
                active.Wrong($"headers.{name}", wrong);
            }
            else
            {
                headers.AddRange(values.Select(value => new NamedText(name, value)));
            }
        }

        if (headers.Count > MostHeaders)
        {
            active.Wrong("headers", FormattableString.Invariant($"has more than {MostHeaders} values"));
        }

        return headers.ToImmutable();
    }

    private static string? FindWrong(string name, ImmutableArray<string> values) =>
        !TransformReader.IsToken(name) ? "is not the name of a header"
        : name.Equals("host", StringComparison.OrdinalIgnoreCase) ? "is said by host"
        : !HeaderRules.PassesToUpstream(name) ? "belongs to the connection or is said by the gateway alone"
        : HeaderRules.MayHoldKey(name) ? "carries credentials, which are not declared in clear: let what is probed answer without"
        : values.Any(value => value.Any(c => c is < ' ' or > '~')) ? "has a character that no header can carry"
        : null;

    [GeneratedRegex(@"\A(?<from>[1-5][0-9]{2})(-(?<to>[1-5][0-9]{2}))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Statuses();
}
