using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>An amount in a unit of budgets, as it is written in resources and in the admin API: <c>{ tokens: 1000 }</c>, <c>{ money: "5 USD" }</c> or <c>{ requests: 10 }</c>.</summary>
public static class BudgetAmount
{
    /// <summary>The most tokens or requests that a budget can have.</summary>
    internal const long Most = 1_000_000_000_000_000;

    /// <summary>Reads the field <c>amount</c>, which must be there; null after it noted what is wrong.</summary>
    public static (BudgetUnit Unit, long Amount)? Read(Fields fields)
    {
        if (fields.Object("amount", required: true) is not { } inner)
        {
            return null;
        }

        var there = new[] { "tokens", "money", "requests" }.Where(inner.Has).ToArray();
        if (there.Length != 1)
        {
            fields.Wrong("amount", "must have exactly one of tokens, money and requests");
            inner.Close();
            return null;
        }

        (BudgetUnit, long) amount = there[0] switch
        {
            "money" => (BudgetUnit.Money, Money.Read(inner, "money", least: 1)),
            "tokens" => (BudgetUnit.Tokens, inner.Number("tokens", 1, Most, fallback: null)),
            _ => (BudgetUnit.Requests, inner.Number("requests", 1, Most, fallback: null)),
        };
        inner.Close();
        return amount;
    }
}
