using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>A period that is to be rated by a table. All fields are described in docs/prices.md; the reader below is the one place that knows their bounds.</summary>
/// <param name="From">The first day (UTC).</param>
/// <param name="To">The last day (UTC): before today or, with a dry run, today.</param>
/// <param name="Price">The name of a <c>Price</c> of the active revision, or <c>list</c>.</param>
/// <param name="Tenant">Whose; everybody's when not given.</param>
/// <param name="DryRun">Nothing is posted; true when not given.</param>
public sealed record RerateBody(string From, string To, string Price, string? Tenant = null, bool? DryRun = null)
{
    private const int MostDays = 92;

    /// <summary>Reads and checks a body; everything that is wrong comes back at once.</summary>
    internal static (RerateAsk? Value, ImmutableArray<FieldError> Errors) Read(JsonElement json, DateOnly today)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        if (json.ValueKind is not JsonValueKind.Object)
        {
            return (null, [new FieldError("body", "must be a JSON object")]);
        }

        var fields = new Fields(json, "body: ", errors);
        var (from, to) = (ReadDay(fields, "from"), ReadDay(fields, "to"));
        var (price, tenant) = (fields.Text("price"), fields.TextOrNull("tenant"));
        var isDryRun = fields.Flag("dryRun") ?? true;
        if (to > today || (to == today && !isDryRun))
        {
            fields.Wrong("to", "must be a day that is over (UTC), or with a dry run today: usage of today is still being counted");
        }

        if (from > to)
        {
            fields.Wrong("from", "must not be after to");
        }
        else if (to.DayNumber - from.DayNumber >= MostDays)
        {
            fields.Wrong("from", string.Create(CultureInfo.InvariantCulture, $"must lie within {MostDays} days of to"));
        }

        if (tenant is not null && !AttemptEndpoints.CanBeTenant(tenant))
        {
            fields.Wrong("tenant", $"must be {Names.ResourceRule}, or _public for requests without a key");
        }

        fields.Close();
        return errors.Count > 0 ? (null, errors.ToImmutable()) : (new RerateAsk(from, to, price, tenant, isDryRun), []);
    }

    private static DateOnly ReadDay(Fields fields, string field)
    {
        var text = fields.Text(field);
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && text.Length > 0)
        {
            fields.Wrong(field, $"must be a day such as 2026-01-31, is '{text}'");
        }

        return day;
    }
}

/// <summary>As it was read.</summary>
internal sealed record RerateAsk(DateOnly From, DateOnly To, string Price, string? Tenant, bool IsDryRun);
