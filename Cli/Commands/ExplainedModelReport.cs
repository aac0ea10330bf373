using System.Globalization;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>A model and its targets in an explanation, as people read it.</summary>
internal static class ExplainedModelReport
{
    /// <summary>Its lines; none without a model.</summary>
    public static IEnumerable<string> Lines(ExplainedModel? model)
    {
        if (model is null)
        {
            yield break;
        }

        yield return Invariant($"model {model.Name}, strategy {model.Strategy.ToString().ToLowerInvariant()}, at most {model.MaxOutputTokens} tokens out where the request says nothing, {model.Price ?? "no price"}");
        foreach (var line in model.Targets.SelectMany(target => Lines(target, model.Targets.Count > 1)))
        {
            yield return line;
        }

        if (model.Says is { } says)
        {
            yield return $"  {says}";
        }

        if (model.Silent is { Count: > 0 } silent)
        {
            yield return $"  not told by {string.Join(", ", silent)}";
        }

        foreach (var edit in model.Edits)
        {
            yield return $"  sent with {edit}";
        }

        if (model.Cache is { } cache)
        {
            yield return $"  answers kept by cache {cache}";
        }
    }

    private static IEnumerable<string> Lines(ExplainedTarget target, bool isOneOfSeveral)
    {
        var credentials = target.Credentials.Count > 0 ? $", with {string.Join(" or ", target.Credentials)}" : "";
        yield return Invariant($"{(target.Share > 0 ? '>' : ' ')} {target.Provider}/{target.Model}: {target.Share * 100:0.##} %, at {target.Address ?? "the edge itself"}{credentials}");
        if (isOneOfSeveral || target.Cost is not null)
        {
            yield return $"    {(target.Cost is { } cost ? $"this request at most {cost}; " : "")}{target.Price}";
        }

        if (target.Measured is { } measured)
        {
            yield return measured.Share is { } share
                ? Invariant($"    asked {measured.Asked} times in the last five minutes, {share * 100:0.##} %")
                : "    not asked in the last five minutes, nor were the others";
            foreach (var edge in measured.Edges)
            {
                yield return Line(edge);
            }
        }
    }

    private static string Line(EdgeMeasure edge)
    {
        string?[] told =
        [
            $"{edge.Standing.ToString().ToLowerInvariant()}{(edge.ShutSeconds is { } seconds ? Invariant($" for {seconds} s") : "")}",
            Invariant($"asked {edge.Asked} times"),
            Invariant($"{edge.UnderWay} under way"),
            edge.FirstTokenMs is { } first ? Invariant($"streams begin after {first} ms") : null,
            edge.WholeAnswerMs is { } whole ? Invariant($"whole answers after {whole} ms") : null,
            edge.RateLeft < 1 ? Invariant($"{edge.RateLeft * 100:0.##} % of its rates left") : null,
        ];
        return $"      {edge.Edge}: {string.Join(", ", told.OfType<string>())}";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
