using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Revisions;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>Under which revision something is asked for: one that is kept, or what a change set would make of it.</summary>
/// <param name="Revision">Null: the active one.</param>
/// <param name="Changes">Resources as for <c>apply</c>; null: none.</param>
/// <param name="Prune">What the changes do not name is taken out.</param>
internal sealed record WhatIfAsk(long? Revision, ImmutableArray<byte[]>? Changes, bool Prune)
{
    /// <summary>Reads the fields <c>revision</c>, <c>changes</c> and <c>prune</c>.</summary>
    public static WhatIfAsk Read(Fields fields)
    {
        var revision = fields.Has("revision") ? fields.Number("revision", 1, long.MaxValue, 1) : (long?)null;
        var prune = fields.Flag("prune") ?? false;
        if (!fields.Has("changes"))
        {
            if (prune)
            {
                fields.Wrong("prune", "has no effect without changes; leave it out");
            }

            return new WhatIfAsk(revision, null, Prune: false);
        }

        if (fields.Any("changes", "a list of resources, or a text with a bundle", JsonValueKind.Array, JsonValueKind.String) is not { } written)
        {
            return new WhatIfAsk(revision, null, prune);
        }

        var bundle = Bundle.Parse(written.ValueKind is JsonValueKind.String ? written.GetString()! : written.GetRawText());
        foreach (var error in bundle.Errors)
        {
            fields.Wrong("changes", $"{error.Path}: {error.Message}");
        }

        if (bundle is { Errors.IsEmpty: true, Resources.IsEmpty: true })
        {
            fields.Wrong("changes", "holds no resource; name at least one, or leave the field out");
        }

        return new WhatIfAsk(revision, bundle.Resources, prune);
    }
}
