using Sluice.Revisions.Compiled;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>What a period costs by a table.</summary>
/// <param name="Price">The table and its version.</param>
/// <param name="DryRun">True: nothing was posted.</param>
/// <param name="Rows">By tenant and target.</param>
/// <param name="Before">What is counted for all of them, in US dollars.</param>
/// <param name="After">What they cost by the table.</param>
/// <param name="Difference">What is, or with a dry run would be, posted besides; negative: given back.</param>
public sealed record RerateAnswer(DateOnly From, DateOnly To, string Price, bool DryRun, IReadOnlyList<RerateRow> Rows, string Before, string After, string Difference)
{
    internal static RerateAnswer Of(RerateAsk ask, string price, IReadOnlyCollection<ReratedTarget> targets)
    {
        var (before, after) = (targets.Sum(t => (decimal)t.CostBefore), targets.Sum(t => (decimal)t.CostAfter));
        return new RerateAnswer(
            ask.From,
            ask.To,
            price,
            ask.IsDryRun,
            [.. targets.Select(t => new RerateRow(t.Tenant ?? "", t.Target, t.Attempts, t.IsPriced, Money.Format(t.CostBefore), Money.Format(t.CostAfter), Money.Format(t.Difference)))],
            Money.Format(Costs.Saturate((Int128)before)),
            Money.Format(Costs.Saturate((Int128)after)),
            Money.Format((long)(after - before)));
    }
}

/// <summary>What the attempts of a tenant at a target cost, in US dollars.</summary>
/// <param name="Tenant"><c>_public</c>: without a key.</param>
/// <param name="Target"><c>provider/model</c>.</param>
/// <param name="Attempts">Those that used something and have a record.</param>
/// <param name="Priced">False: the table has no price for the target, and it stays as it is.</param>
public sealed record RerateRow(string Tenant, string Target, long Attempts, bool Priced, string Before, string After, string Difference);
