using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>ejection</c> of a provider.</summary>
internal static class EjectionReader
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>What is declared, else the defaults.</summary>
    public static EjectionRules Read(Fields fields)
    {
        var defaults = EjectionRules.Defaults;
        if (fields.Object("ejection") is not { } inner)
        {
            return defaults;
        }

        var first = inner.Time("first", TimeSpan.FromMilliseconds(100), Hour, defaults.First);
        var rules = new EjectionRules(
            (int)inner.Number("failures", 1, 1_000, defaults.Failures),
            inner.Decimal("share", 0.01, 1) ?? defaults.Share,
            (int)inner.Number("of", 1, 100_000, defaults.Of),
            inner.Time("within", TimeSpan.FromSeconds(1), Hour, defaults.Within),
            first,
            inner.Time("longest", first, TimeSpan.FromHours(24), first > defaults.Longest ? first : defaults.Longest));
        inner.Close();
        return rules;
    }
}
