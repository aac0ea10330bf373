using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Which model a client's name means. A model that the key may not use does not exist for it.</summary>
public static class ModelNames
{
    /// <summary>Whether a key may use a model.</summary>
    /// <param name="allowed">Names, or prefixes that end in <c>*</c>; none: all models.</param>
    /// <param name="model">The declared name.</param>
    public static bool MayUse(ImmutableArray<string> allowed, ReadOnlySpan<char> model)
    {
        if (allowed.IsDefaultOrEmpty)
        {
            return true;
        }

        foreach (var entry in allowed)
        {
            var fits = entry.EndsWith('*')
                ? model.StartsWith(entry.AsSpan(0, entry.Length - 1), StringComparison.Ordinal)
                : model.SequenceEqual(entry);
            if (fits)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The model of a name as the client wrote it.</summary>
    /// <param name="plan">The revision.</param>
    /// <param name="written">A declared name; for the sandbox with a <c>?</c> and what shapes its answer.</param>
    /// <param name="allowed">As in <see cref="MayUse"/>.</param>
    public static ModelFinding Find(Plan plan, ReadOnlySpan<char> written, ImmutableArray<string> allowed)
    {
        var question = written.IndexOf('?');
        var declared = question < 0 ? written : written[..question];
        if (!plan.Models.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(declared, out var model))
        {
            return new ModelFinding(null, question >= 0, IsKnown: false);
        }

        return new ModelFinding(MayUse(allowed, declared) ? model : null, question >= 0, IsKnown: true);
    }
}

/// <summary>What a name means.</summary>
/// <param name="Model">Null: there is none, or the key may not use it.</param>
/// <param name="IsShaped">The name says how a sandbox shall answer.</param>
/// <param name="IsKnown">There is such a model, whether or not the key may use it.</param>
public readonly record struct ModelFinding(CompiledModel? Model, bool IsShaped, bool IsKnown)
{
    /// <summary>Whether a target understands the name as it was written.</summary>
    public bool Takes(CompiledTarget target) => !IsShaped || target.Provider.Dialect is ProviderDialect.Sandbox;
}
