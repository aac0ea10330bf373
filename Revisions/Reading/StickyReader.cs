using System.Globalization;
using System.Text.Json;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads what a <c>Route</c> makes of the user whom a request names: <c>sticky</c>, and <c>when</c> of its match.</summary>
internal static class StickyReader
{
    // Browsers keep no cookie for longer.
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(400);

    /// <summary>What keeps a user on a part, or null.</summary>
    public static Sticky? Read(Fields fields, int parts, RouteAccess access)
    {
        if (fields.Object("sticky") is not { } inner)
        {
            return null;
        }

        var (by, name) = ReadBy(inner, access);
        var issue = ReadIssue(inner, by, name);
        inner.Close();
        if (parts == 1)
        {
            fields.Wrong("sticky", "has no effect with one part in split; leave it out");
        }

        return new Sticky(by, name) { Issue = issue };
    }

    /// <summary>What a <c>match</c> asks of a flag, or null.</summary>
    public static FlagCondition? ReadWhen(Fields fields, RouteAccess access)
    {
        if (fields.Object("when") is not { } inner)
        {
            return null;
        }

        var flag = inner.Text("flag");
        var value = inner.Has("is") ? inner.Any("is", "a text, a number, true or false", JsonValueKind.String, JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False) : null;
        var (by, name) = ReadBy(inner, access);
        inner.Close();
        return new FlagCondition(flag, value ?? JsonElement.Parse("true"), by, name);
    }

    private static (StickyBy By, string? Name) ReadBy(Fields fields, RouteAccess access)
    {
        var by = fields.OneOf<StickyBy>("by", fallback: null);
        var name = fields.TextOrNull("name", required: by is not StickyBy.Subject);
        if (by is StickyBy.Subject && name is not null)
        {
            fields.Wrong("name", "has no effect with by: subject; leave it out");
        }

        if (by is StickyBy.Subject && access is RouteAccess.Public)
        {
            fields.Wrong("by", "subject has no effect on a public route, whose callers are not known; set access: key");
        }

        return (by, name);
    }

    private static StickyIssue? ReadIssue(Fields fields, StickyBy by, string? name)
    {
        if (fields.Object("issue") is not { } inner)
        {
            return null;
        }

        var issue = new StickyIssue(
            inner.Has("maxAge") ? inner.Time("maxAge", TimeSpan.FromSeconds(1), LongestAge, LongestAge) : null,
            inner.TextOrNull("path") ?? "/",
            inner.TextOrNull("domain"),
            inner.Flag("secure"),
            inner.OneOf<StickySameSite>("sameSite", StickySameSite.Lax));
        if (issue.Path[0] != '/' || issue.Path.Any(c => c is <= ' ' or > '~' or ';'))
        {
            inner.Wrong("path", $"must begin with '/' and have no blank, ';' or character beyond ASCII; is '{issue.Path}'");
        }

        if (issue.Domain is { } domain && Uri.CheckHostName(domain) is not UriHostNameType.Dns)
        {
            inner.Wrong("domain", $"must be the name of a domain such as example.com, without port; is '{domain}'");
        }

        if (issue is { SameSite: StickySameSite.None, Secure: false })
        {
            inner.Wrong("sameSite", "none is taken by no browser without secure; leave secure out, or set it to true");
        }

        inner.Close();
        if (by is not StickyBy.Cookie)
        {
            fields.Wrong("issue", string.Create(CultureInfo.InvariantCulture, $"has no effect with by: {Fields.Spell(by)}; edges issue cookies alone"));
        }
        else if (name is not null)
        {
            CheckName(fields, name, issue);
        }

        return issue;
    }

    // Browsers refuse a cookie whose name promises what its attributes do not keep (RFC 6265bis, section 4.1.3).
    private static void CheckName(Fields fields, string name, StickyIssue issue)
    {
        if (!TransformReader.IsToken(name))
        {
            fields.Wrong("name", $"'{name}' is not the name of a cookie: letters, digits and !#$%&'*+-.^_`|~");
        }
        else if (name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase) && (issue.Secure is not true || issue.Domain is not null || issue.Path is not "/"))
        {
            fields.Wrong("name", $"begins with __Host-, which browsers take with secure: true, without domain and with path / alone; '{name}' is issued otherwise");
        }
        else if (name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase) && issue.Secure is not true)
        {
            fields.Wrong("name", $"begins with __Secure-, which browsers take with secure: true alone; '{name}' is issued without");
        }
    }
}
