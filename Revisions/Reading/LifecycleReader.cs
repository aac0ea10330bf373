using System.Globalization;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>stage</c>, <c>preview</c> and <c>deprecation</c> of models and routes.</summary>
internal static class LifecycleReader
{
    private const int MostTenants = 1_000;

    /// <summary>Reads them.</summary>
    /// <param name="fields">Of the resource.</param>
    /// <param name="ofRoute">Whether the successor is a path or an address, not a name.</param>
    public static Lifecycle Read(Fields fields, bool ofRoute)
    {
        var stage = fields.OneOf<Stage>("stage", Stage.Published);
        var preview = fields.Texts("preview");
        if (fields.Has("preview") && stage is not Stage.Draft)
        {
            fields.Wrong("preview", $"has no effect with stage: {Fields.Spell(stage)}; leave it out, or set stage: draft");
        }

        if (preview.Length > MostTenants)
        {
            fields.Wrong("preview", string.Create(CultureInfo.InvariantCulture, $"has {preview.Length} entries; at most {MostTenants} are taken"));
        }

        for (var i = 0; i < preview.Length; i++)
        {
            if (!Names.IsResource(preview[i]))
            {
                fields.Wrong(string.Create(CultureInfo.InvariantCulture, $"preview[{i}]"), $"must be a tenant's name: {Names.ResourceRule}; is '{preview[i]}'");
            }
        }

        var lifecycle = new Lifecycle(stage) { Preview = preview };
        if (fields.Object("deprecation", required: stage is Stage.Deprecated) is not { } inner)
        {
            return lifecycle;
        }

        if (stage is Stage.Draft or Stage.Published)
        {
            fields.Wrong("deprecation", $"has no effect with stage: {Fields.Spell(stage)}; leave it out, or set stage: deprecated");
        }

        lifecycle = lifecycle with
        {
            Since = Moment(inner, "since", required: true),
            Sunset = Moment(inner, "sunset", required: false),
            Link = inner.Address("link", required: false),
            Successor = inner.TextOrNull("successor"),
        };
        if (lifecycle.Sunset < lifecycle.Since)
        {
            inner.Wrong("sunset", "must not be before since (RFC 9745, section 4)");
        }

        if (ofRoute && lifecycle.Successor is { } successor && !IsReference(successor))
        {
            inner.Wrong("successor", $"must be a path such as /v2/orders, or an http or https address; is '{successor}'");
        }

        inner.Close();
        return lifecycle;
    }

    private static bool IsReference(string text) =>
        text.All(c => char.IsAscii(c) && !char.IsControl(c) && c is not (' ' or '<' or '>' or '"' or '\\'))
        && (text[0] == '/' ? !text.StartsWith("//", StringComparison.Ordinal) : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https");

    private static DateTimeOffset? Moment(Fields fields, string field, bool required)
    {
        if (fields.TextOrNull(field, required) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        }

        if (text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
        {
            return moment;
        }

        fields.Wrong(field, $"must be a day (UTC) such as 2026-01-31 or a time such as 2026-01-31T09:30:00Z; is '{text}'");
        return null;
    }
}
