using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Budget</c>.</summary>
internal static class BudgetReader
{
    private static readonly TimeSpan ShortestRolling = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestRolling = TimeSpan.FromDays(366);

    public static Resource Read(string name, Fields fields)
    {
        var subject = SubjectReader.Read(fields);
        var (unit, amount) = BudgetAmount.Read(fields) ?? (BudgetUnit.Tokens, 0);
        var window = new BudgetWindow(WindowLength.Day, "UTC");
        if (fields.Object("window", required: true) is { } inner)
        {
            window = ReadWindow(inner);
            inner.Close();
        }

        var mode = fields.OneOf<BudgetMode>("mode", BudgetMode.Hard);
        var (unreachable, upTo) = ReadUnreachable(fields, unit);
        if (mode is BudgetMode.Soft && fields.Has("whenUnreachable"))
        {
            fields.Wrong("whenUnreachable", "has no effect with mode soft, which never refuses; leave it out");
        }

        return new BudgetResource(name, subject, unit, amount, window, mode, unreachable)
        {
            For = ForReader.Read(fields),
            InPlaceOf = fields.TextOrNull("inPlaceOf"),
            OpenUpTo = upTo,
            Reservation = ReadReservation(fields, unit, mode),
            WarnAt = ReadShares(fields),
        };
    }

    private static ReservationPolicy ReadReservation(Fields fields, BudgetUnit unit, BudgetMode mode)
    {
        const string Field = "reservation";
        var policy = fields.OneOf<ReservationPolicy>(Field, ReservationPolicy.WorstCase);
        if (policy is ReservationPolicy.Adaptive && mode is BudgetMode.Soft)
        {
            fields.Wrong(Field, "has no effect with mode soft, which never refuses; leave it out");
        }
        else if (policy is ReservationPolicy.Adaptive && unit is BudgetUnit.Requests)
        {
            fields.Wrong(Field, "cannot be adaptive where requests are counted, each of which is one; leave it out");
        }

        return policy;
    }

    private static BudgetWindow ReadWindow(Fields fields)
    {
        var every = fields.OneOf<WindowLength>("every", fallback: null);
        var zone = fields.TextOrNull("zone");
        if (zone is not null && every is WindowLength.Lifetime or WindowLength.Rolling)
        {
            fields.Wrong("zone", $"has no effect with every: {every.ToString().ToLowerInvariant()}; leave it out");
        }
        else if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            fields.Wrong("zone", $"must be an IANA time zone such as Europe/Berlin, is '{zone}'");
        }

        TimeSpan? rolling = null;
        if (every is WindowLength.Rolling)
        {
            rolling = fields.Has("length") ? fields.Time("length", ShortestRolling, LongestRolling, ShortestRolling) : null;
            if (rolling is null)
            {
                fields.Wrong("length", "must be there with every: rolling, such as 24h");
            }
        }
        else if (fields.Has("length"))
        {
            fields.Wrong("length", "has no effect but with every: rolling; leave it out");
        }

        return new BudgetWindow(every, zone ?? "UTC", rolling);
    }

    private static (WhenUnreachable Rule, long UpTo) ReadUnreachable(Fields fields, BudgetUnit unit)
    {
        const string Field = "whenUnreachable";
        if (!fields.Has(Field) || fields.Any(Field, "closed, open or { openUpTo: … }", JsonValueKind.String, JsonValueKind.Object) is not { } value)
        {
            return (WhenUnreachable.Closed, 0);
        }

        if (value.ValueKind is JsonValueKind.String)
        {
            var rule = fields.OneOf<WhenUnreachable>(Field, WhenUnreachable.Closed);
            if (rule is WhenUnreachable.OpenUpTo)
            {
                fields.Wrong(Field, "openUpTo needs its amount: { openUpTo: … }");
            }

            return (rule, 0);
        }

        var inner = fields.Object(Field)!;
        var upTo = unit is BudgetUnit.Money ? Money.Read(inner, "openUpTo", least: 1) : inner.Number("openUpTo", 1, BudgetAmount.Most, fallback: null);
        inner.Close();
        return (WhenUnreachable.OpenUpTo, upTo);
    }

    private static ImmutableArray<int> ReadShares(Fields fields)
    {
        var shares = ImmutableArray.CreateBuilder<int>();
        foreach (var text in fields.Texts("warnAt"))
        {
            if (Percents.TryParse(text, out var percent) && percent >= 1)
            {
                shares.Add(percent);
            }
            else
            {
                fields.Wrong("warnAt", $"must be whole percents from 1% to 100%, such as 80%; is '{text}'");
            }
        }

        return [.. shares.Distinct().Order()];
    }
}
