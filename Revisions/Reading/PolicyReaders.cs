using System.Globalization;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Limit</c>.</summary>
internal static class LimitReader
{
    public static Resource Read(string name, Fields fields)
    {
        var subject = SubjectReader.Read(fields);
        var requests = ReadRate(fields, "requests");
        var tokens = ReadRate(fields, "tokens");
        int? concurrent = fields.Has("concurrent") ? (int)fields.Number("concurrent", 1, 1_000_000, fallback: null) : null;
        if (!fields.Has("requests") && !fields.Has("tokens") && concurrent is null)
        {
            fields.Wrong("requests", "at least one of requests, tokens and concurrent must be there");
        }

        var unreachable = fields.OneOf<WhenUnreachable>("whenUnreachable", WhenUnreachable.Closed);
        if (unreachable is WhenUnreachable.OpenUpTo)
        {
            fields.Wrong("whenUnreachable", "must be closed or open: only budgets can be open up to an amount");
        }

        return new LimitResource(name, subject, requests, tokens, concurrent, unreachable) { For = ForReader.Read(fields), InPlaceOf = fields.TextOrNull("inPlaceOf") };
    }

    private static Rate? ReadRate(Fields fields, string field)
    {
        if (fields.Object(field) is not { } inner)
        {
            return null;
        }

        var per = inner.OneOf<Period>("per", fallback: null) switch
        {
            Period.Second => TimeSpan.FromSeconds(1),
            Period.Minute => TimeSpan.FromMinutes(1),
            _ => TimeSpan.FromHours(1),
        };
        var amount = inner.Number("amount", 1, 1_000_000_000_000, fallback: null);
        var rate = new Rate(per, amount, inner.Number("burst", 1, 1_000_000_000_000, amount));
        inner.Close();
        return rate;
    }

    private enum Period
    {
        Second,
        Minute,
        Hour,
    }
}

/// <summary>Reads the <c>subject</c> of policies.</summary>
internal static class SubjectReader
{
    private const string Right = "must be workspace, organisation/<name>, organisation/*, tenant/<name>, tenant/*, team/<tenant>/<team>, team/*, user/<tenant>/<user>, user/*, key/<id> or key/*, a team and a user being " + Names.UserRule;

    public static Subject Read(Fields fields)
    {
        var text = fields.Text("subject");
        if (text.Length == 0 || string.Equals(text, "workspace", StringComparison.Ordinal))
        {
            return new Subject(SubjectScope.Workspace, null);
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? "" : text[(slash + 1)..];
        SubjectScope? scope = (slash < 0 ? text : text[..slash]) switch
        {
            "organisation" => SubjectScope.Organisation,
            "tenant" => SubjectScope.Tenant,
            "team" => SubjectScope.Team,
            "user" => SubjectScope.User,
            "key" => SubjectScope.Key,
            _ => null,
        };
        var parts = name.Split('/', 2);
        var named = scope switch
        {
            SubjectScope.Tenant or SubjectScope.Organisation => Names.IsResource(name),
            SubjectScope.User or SubjectScope.Team => parts.Length == 2 && Names.IsResource(parts[0]) && Names.IsUser(parts[1]),
            SubjectScope.Key => name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'),
            _ => false,
        };
        if (scope is null || (!named && !string.Equals(name, "*", StringComparison.Ordinal)))
        {
            fields.Wrong("subject", string.Create(CultureInfo.InvariantCulture, $"{Right}; is '{text}'"));
            return default;
        }

        return new Subject(scope.Value, string.Equals(name, "*", StringComparison.Ordinal) ? null : name);
    }
}
