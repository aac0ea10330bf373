using Sluice.Revisions;

namespace Sluice.Silo.Admin;

/// <summary>Says that a name is not known, which one may have been meant, and which there are.</summary>
public static class Unknown
{
    /// <summary>A sentence of it, for errors.</summary>
    public static string Say(string what, string written, IReadOnlyCollection<string> known)
    {
        var near = Names.Suggest(written, known);
        var all = known.Count is 0 ? "none is taken here" : $"known: {string.Join(", ", known)}";
        return $"there is no {what} '{written}'{(near.Length > 0 ? near + " " : "; ")}{all}";
    }
}
