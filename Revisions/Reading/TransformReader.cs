using System.Collections.Immutable;
using System.Text;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads what a <c>Route</c> changes (<c>rewrite</c>, <c>requestHeaders</c>, <c>responseHeaders</c>, <c>query</c>) and what it answers itself (<c>redirect</c>, <c>respond</c>).</summary>
/// <param name="fields">Of the route.</param>
/// <param name="parameters">Of its path.</param>
internal sealed class TransformReader(Fields fields, IReadOnlyCollection<string> parameters)
{
    private const int LongestBody = 64 * 1024;
    private const int MostChanges = 64;
    private static readonly int[] RedirectStatuses = [301, 302, 303, 307, 308];

    /// <summary>The changes, or null where there are none.</summary>
    public RouteTransforms? ReadTransforms()
    {
        string? path = null, host = null;
        if (fields.Object("rewrite") is { } rewrite)
        {
            path = ReadPath(rewrite);
            host = ReadHost(rewrite, withPort: true);
            if (!rewrite.Has("path") && !rewrite.Has("host"))
            {
                fields.Wrong("rewrite", "changes nothing; give path, host or both, or leave it out");
            }

            rewrite.Close();
        }

        var request = ReadChanges("requestHeaders", FindWrongRequestHeader);
        var response = ReadChanges("responseHeaders", FindWrongResponseHeader);
        var query = ReadChanges("query", static (_, _) => null);
        return path is null && host is null && request.IsNone && response.IsNone && query.IsNone ? null : new RouteTransforms(path, host, request, response, query);
    }

    /// <summary>The redirect, or null.</summary>
    public RouteRedirect? ReadRedirect()
    {
        if (fields.Object("redirect") is not { } redirect)
        {
            return null;
        }

        var scheme = redirect.TextOrNull("scheme");
        if (scheme is not (null or "http" or "https"))
        {
            redirect.Wrong("scheme", $"must be http or https; is '{scheme}'");
        }

        var host = ReadHost(redirect, withPort: false);
        var port = redirect.Has("port") ? (int)redirect.Number("port", 1, 65_535, fallback: null) : (int?)null;
        var path = ReadPath(redirect);
        var status = (int)redirect.Number("status", 301, 308, 302);
        if (!RedirectStatuses.Contains(status))
        {
            redirect.Wrong("status", $"must be one of {string.Join(", ", RedirectStatuses)}; is {status}");
        }

        if (scheme is null && host is null && port is null && path is null)
        {
            fields.Wrong("redirect", "would lead to itself; give scheme, host, port or path");
        }

        redirect.Close();
        return new RouteRedirect(scheme, host, port, path, status);
    }

    /// <summary>The fixed answer, or null.</summary>
    public RouteRespond? ReadRespond()
    {
        if (fields.Object("respond") is not { } respond)
        {
            return null;
        }

        var status = (int)respond.Number("status", 200, 599, 200);
        var body = respond.TextOrNull("body");
        var type = respond.TextOrNull("contentType") ?? "text/plain; charset=utf-8";
        if (body is not null && status is 204 or 205 or 304)
        {
            respond.Wrong("body", $"has no effect: an answer {status} has none");
        }

        if (body is not null && Encoding.UTF8.GetByteCount(body) > LongestBody)
        {
            respond.Wrong("body", $"must have at most {LongestBody} bytes");
        }

        if (respond.Has("contentType") && (body is null || !System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _)))
        {
            respond.Wrong("contentType", body is null ? "has no effect without body; leave it out" : $"must be a media type such as text/html; is '{type}'");
        }

        respond.Close();
        return new RouteRespond(status, body, type);
    }

    private string? ReadPath(Fields inner)
    {
        if (inner.TextOrNull("path") is not { } path)
        {
            return null;
        }

        if (ValueTemplate.Parse(path, parameters, out var wrong) is not { } pieces)
        {
            inner.Wrong("path", wrong);
            return null;
        }

        if (ValueTemplate.FindWrongPath(path, pieces) is { } why)
        {
            inner.Wrong("path", $"{why}; is '{path}'");
            return null;
        }

        return path;
    }

    private static string? ReadHost(Fields inner, bool withPort)
    {
        if (inner.TextOrNull("host") is not { } host || (withPort && host is "{request.host}"))
        {
            return inner.TextOrNull("host");
        }

        var isHost = withPort
            ? Uri.TryCreate($"http://{host}", UriKind.Absolute, out var address) && address is { PathAndQuery: "/", UserInfo: "", Fragment: "" } && !host.EndsWith('/')
            : Uri.CheckHostName(host) is not UriHostNameType.Unknown;
        if (!isHost || !host.All(char.IsAscii) || host.Any(char.IsControl))
        {
            inner.Wrong("host", withPort ? $"must be a host such as api.internal or api.internal:8080, or {{request.host}} for the client's; is '{host}'" : $"must be a host without port, such as www.example.com; is '{host}'");
        }

        return host;
    }

    private NamedChanges ReadChanges(string field, Func<string, bool, string?> findWrong)
    {
        if (fields.Object(field) is not { } inner)
        {
            return NamedChanges.None;
        }

        var remove = inner.Texts("remove");
        for (var i = 0; i < remove.Length; i++)
        {
            Check(inner, $"remove[{i}]", remove[i], isRemoved: true);
        }

        var changes = new NamedChanges(remove, ReadTexts("set"), ReadTexts("add"));
        if (changes.Remove.Length + changes.Set.Length + changes.Add.Length is 0 or > MostChanges)
        {
            fields.Wrong(field, changes.IsNone ? "changes nothing; give set, add or remove, or leave it out" : $"has more than {MostChanges} changes");
        }

        foreach (var both in changes.Set.Select(s => s.Name).Intersect(remove, StringComparer.OrdinalIgnoreCase))
        {
            inner.Wrong("remove", $"'{both}' is set here too, which takes the request's own away by itself");
        }

        inner.Close();
        return changes;

        ImmutableArray<NamedText> ReadTexts(string list)
        {
            var texts = ImmutableArray.CreateBuilder<NamedText>();
            foreach (var (name, values) in inner.Values(list).OrderBy(p => p.Key, StringComparer.Ordinal))
            {
                Check(inner, $"{list}.{name}", name, isRemoved: false);
                foreach (var value in values)
                {
                    if (ValueTemplate.Parse(value, parameters, out var wrong) is null || !value.All(c => c < 256))
                    {
                        inner.Wrong($"{list}.{name}", wrong.Length > 0 ? wrong : "has a character that no header can carry");
                    }
                    else
                    {
                        texts.Add(new NamedText(name, value));
                    }
                }
            }

            return texts.ToImmutable();
        }

        void Check(Fields at, string path, string name, bool isRemoved)
        {
            if (findWrong(name, isRemoved) is { } wrong)
            {
                at.Wrong(path, $"'{name}' {wrong}");
            }
        }
    }

    private static string? FindWrongRequestHeader(string name, bool isRemoved) =>
        !IsToken(name) ? "is not the name of a header"
        : name.Equals("host", StringComparison.OrdinalIgnoreCase) ? "is changed by rewrite.host"
        : !HeaderRules.PassesToUpstream(name) ? "belongs to the connection or is said by the gateway alone; it cannot be changed"
        : !isRemoved && HeaderRules.MayHoldKey(name) ? "carries credentials, which a route does not declare in clear; it can only be removed"
        : null;

    private static string? FindWrongResponseHeader(string name, bool isRemoved) =>
        !IsToken(name) ? "is not the name of a header"
        : !HeaderRules.MayBeOfAnswer(name) || HeaderRules.IsOfRates(name) || name.Equals("content-encoding", StringComparison.OrdinalIgnoreCase)
            ? "belongs to the connection or the body, or is said by the gateway alone; it cannot be changed"
        : name.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase) && !isRemoved ? "is said by cors" : null;

    /// <summary>Whether a text can be the name of a header (RFC 9110 §5.6.2).</summary>
    public static bool IsToken(string name) => name.Length is > 0 and <= 128 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
