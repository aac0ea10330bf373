using System.Globalization;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Budget</c>.</summary>
internal static class BudgetReader
{
    public static Resource Read(string name, Fields fields)
    {
        var subject = SubjectReader.Read(fields);
        var (unit, amount) = ReadAmount(fields);
        var window = new BudgetWindow(WindowLength.Day, "UTC");
        if (fields.Object("window", required: true) is { } inner)
        {
            window = ReadWindow(inner);
            inner.Close();
        }

        var mode = fields.OneOf<BudgetMode>("mode", BudgetMode.Hard);
        var unreachable = fields.OneOf<WhenUnreachable>("whenUnreachable", WhenUnreachable.Closed);
        if (mode is BudgetMode.Soft && fields.Has("whenUnreachable"))
        {
            fields.Wrong("whenUnreachable", "has no effect with mode soft, which never refuses; leave it out");
        }

        return new BudgetResource(name, subject, unit, amount, window, mode, unreachable);
    }

    private static (BudgetUnit Unit, long Amount) ReadAmount(Fields fields)
    {
        if (fields.Object("amount", required: true) is not { } inner)
        {
            return (BudgetUnit.Tokens, 0);
        }

        var there = new[] { "tokens", "money", "requests" }.Where(inner.Has).ToArray();
        (BudgetUnit, long) amount = (BudgetUnit.Tokens, 0);
        if (there.Length != 1)
        {
            fields.Wrong("amount", "must have exactly one of tokens, money and requests");
        }
        else
        {
            amount = there[0] switch
            {
                "money" => (BudgetUnit.Money, Money.Read(inner, "money", least: 1)),
                "tokens" => (BudgetUnit.Tokens, inner.Number("tokens", 1, 1_000_000_000_000_000, fallback: null)),
                _ => (BudgetUnit.Requests, inner.Number("requests", 1, 1_000_000_000_000_000, fallback: null)),
            };
        }

        inner.Close();
        return amount;
    }

    private static BudgetWindow ReadWindow(Fields fields)
    {
        var every = fields.OneOf<WindowLength>("every", fallback: null);
        var zone = fields.TextOrNull("zone");
        if (zone is not null && every is WindowLength.Lifetime)
        {
            fields.Wrong("zone", "has no effect with every: lifetime; leave it out");
        }
        else if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            fields.Wrong("zone", $"must be an IANA time zone such as Europe/Berlin, is '{zone}'");
        }

        return new BudgetWindow(every, zone ?? "UTC");
    }
}

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

        return new LimitResource(name, subject, requests, tokens, concurrent, fields.OneOf<WhenUnreachable>("whenUnreachable", WhenUnreachable.Closed));
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
    private const string Right = "must be workspace, tenant/<name>, tenant/*, user/<tenant>/<user>, user/*, key/<id> or key/*, a user being " + Names.UserRule;

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
            "tenant" => SubjectScope.Tenant,
            "user" => SubjectScope.User,
            "key" => SubjectScope.Key,
            _ => null,
        };
        var parts = name.Split('/', 2);
        var named = scope switch
        {
            SubjectScope.Tenant => Names.IsResource(name),
            SubjectScope.User => parts.Length == 2 && Names.IsResource(parts[0]) && Names.IsUser(parts[1]),
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
