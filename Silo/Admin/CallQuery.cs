using System.Globalization;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Reading;
using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>Reads from a query which calls of the log are asked for.</summary>
internal static class CallQuery
{
    private const int Hundred = 100;
    private const decimal NanoPerDollar = 1_000_000_000m;
    private const decimal MostDollars = 1_000_000m;

    /// <summary>As they are described.</summary>
    public static QueryParameter[] Parameters { get; } =
    [
        new("tenant", "string", "Of one tenant; of all when not given."),
        new("key", "string", "Of one key, by its id."),
        new("user", "string", "Of one user."),
        new("model", "string", "That asked for this model."),
        new("route", "string", "Of this plain route."),
        new("provider", "string", "That this provider answered."),
        new("target", "string", "That this target answered: provider/model, or the part of a route's split."),
        new("status", "string", "With this status, such as 429, or one of a class, such as 5xx."),
        new("minLatency", "string", "That took so long or longer, such as 250ms or 2s."),
        new("maxLatency", "string", "That took so long or shorter."),
        new("minCost", "string", "That cost so many US dollar or more."),
        new("minAttempts", "integer", "With so many attempts or more: 2 for those that were tried again."),
        new("cached", "boolean", "true: that were given a kept answer; false: those that were not."),
        new("tag", "string", "With this tag, name=value."),
        new("prompt", "string", "With this prompt, name@version."),
        new("refusedBy", "string", "That were told this error by the gateway, such as rate_limit_exceeded, or that this resource refused, such as Limit/gold."),
        new("edge", "string", "That this edge served."),
        new("revision", "integer", "Under this revision."),
        new("from", "string", "That ended then or later: a day (UTC) such as 2026-01-31, or a time such as 2026-01-31T09:30:00Z; a day before to when not given."),
        new("to", "string", "That ended then or earlier; now when not given."),
    ];

    /// <summary>Which they are; what is wrong is told by the query's reader.</summary>
    /// <param name="query">Reads it.</param>
    /// <param name="time">What now is.</param>
    /// <param name="usual">How long before <c>to</c> it begins when not told; a day when not given.</param>
    public static CallFilter Read(QueryReader query, TimeProvider time, TimeSpan? usual = null)
    {
        var to = query.Moment("to", isEnd: true) ?? time.GetUtcNow();
        var from = query.Moment("from", isEnd: false) ?? to - (usual ?? TimeSpan.FromDays(1));
        if (from > to)
        {
            query.Wrong("from", "must not be after to");
        }

        var (model, route) = (query.Text("model"), query.Text("route"));
        if (model is not null && route is not null)
        {
            query.Wrong("route", "cannot be asked for together with model: a call is of one of them");
        }

        return new CallFilter(from, to)
        {
            Tenant = AttemptEndpoints.Tenant(query),
            Key = query.Text("key"),
            User = query.Text("user"),
            Asked = route is null ? model : $"route/{route}",
            Provider = query.Text("provider"),
            Target = query.Text("target"),
            Status = StatusOf(query),
            LeastLatency = MicrosOf(query, "minLatency"),
            MostLatency = MicrosOf(query, "maxLatency"),
            LeastCost = NanoOf(query),
            LeastAttempts = (int?)query.Number("minAttempts", 0, Hundred),
            IsCached = query.Text("cached") is null ? null : query.Flag("cached"),
            Tag = query.Text("tag"),
            Prompt = query.Text("prompt"),
            RefusedBy = query.Text("refusedBy"),
            Edge = query.Text("edge"),
            Revision = query.Number("revision", 0, long.MaxValue),
        };
    }

    private static (int Least, int Most)? StatusOf(QueryReader query)
    {
        switch (query.Text("status"))
        {
            case null:
                return null;
            case [>= '1' and <= '5' and var first, 'x', 'x']:
                return ((first - '0') * Hundred, ((first - '0') * Hundred) + Hundred - 1);
            case var text when text.Length == 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status):
                return (status, status);
            case var text:
                query.Wrong("status", $"must be a status such as 429 or a class such as 5xx; is '{text}'");
                return null;
        }
    }

    private static long? MicrosOf(QueryReader query, string name)
    {
        if (query.Text(name) is not { } text)
        {
            return null;
        }

        if (Durations.TryParse(text, out var time))
        {
            return (long)time.TotalMicroseconds;
        }

        query.Wrong(name, $"must be a time such as 250ms or 2s; is '{text}'");
        return null;
    }

    private static long? NanoOf(QueryReader query)
    {
        if (query.Text("minCost") is not { } text)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars) && dollars <= MostDollars)
        {
            return (long)(dollars * NanoPerDollar);
        }

        query.Wrong("minCost", $"must be an amount of US dollar such as 0.25; is '{text}'");
        return null;
    }
}
