using System.Globalization;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>The table of <c>sluice history --effect</c>: a revision that made things worse says so in its own column.</summary>
internal static class EffectColumns
{
    private const string Unknown = "-";

    /// <summary>The heads of the columns.</summary>
    public static readonly string[] Heads = ["REVISION", "AT", "BY", "REQUESTS", "ERRORS", "REFUSED", "P50", "P99", "WORSE", "REASON"];

    /// <summary>A revision's row; each pair is before → after.</summary>
    public static string[] Of(RevisionItem revision, long active)
    {
        var effect = revision.Effect;
        return
        [
            FormattableString.Invariant($"{revision.Revision}{(revision.Revision == active ? " active" : "")}"),
            revision.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            revision.Author.Name,
            Pair(side => side.Requests.ToString(CultureInfo.InvariantCulture)),
            Pair(side => Percent(side.ErrorRate)),
            Pair(side => Percent(side.RefusedRate)),
            Pair(side => side.P50 ?? Unknown),
            Pair(side => side.P99 ?? Unknown),
            effect is null ? Unknown : effect.Worse.Count == 0 ? "no" : $"YES: {string.Join(", ", effect.Worse)}",
            revision.Reason ?? "",
        ];

        string Pair(Func<EffectSideAnswer, string> tell) => effect is null ? Unknown : $"{tell(effect.Before)} → {tell(effect.After)}";
    }

    private static string Percent(double? rate) => rate is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known * 100:0.##} %") : Unknown;
}
