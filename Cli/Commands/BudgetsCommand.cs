using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice budgets</c></summary>
internal static class BudgetsCommand
{
    public static Command Define()
    {
        var name = new Argument<string>("budget") { Description = "The budget's name." };
        var subject = new Option<string?>("--subject") { Description = "Whose, such as tenant/acme; not needed where the declaration names one subject." };
        var tokens = new Option<long?>("--tokens") { Description = "So many tokens." };
        var money = new Option<string?>("--money") { Description = "So much money, such as \"5 USD\"." };
        var requests = new Option<long?>("--requests") { Description = "So many requests." };
        var id = new Option<string?>("--id") { Description = "A repeated one changes nothing." };
        var note = new Option<string?>("--note") { Description = "Why, for people." };
        var lease = new Argument<string>("lease") { Description = "The lease's name, as the status lists it." };
        var window = new Option<long?>("--window") { Description = "The lease's window, as the status lists it.", Required = true };
        var spent = new Option<long?>("--spent") { Description = "What it spent, in the budget's unit, as the provider tells it; all that it had when not given." };
        var tenant = new Argument<string>("tenant") { Description = "Whose." };
        return new Command("budgets", "Show what budgets stand at, add to them, and resolve what lost edges held.")
        {
            AdminSession.Define(
                "status",
                "Show what is spent, lent, left and in doubt.",
                async (session, parsed, cancellation) => Write(session, await session.Client.GetAsync<BudgetStatus>(
                    ApiPath.Query(ApiPath.Join("budgets", parsed.GetRequiredValue(name), "status"), ("subject", parsed.GetValue(subject))), cancellation)),
                name,
                subject),
            AdminSession.Define(
                "list",
                "Show the budgets that bind a tenant as a whole, and what each stands at.",
                async (session, parsed, cancellation) =>
                {
                    var budgets = await session.Client.GetAsync<TenantBudgetList>(ApiPath.Join("tenants", parsed.GetRequiredValue(tenant), "budgets"), cancellation);
                    return session.Write(budgets, ["BUDGET", "UNIT", "LIMIT", "POSTED", "LENT", "LEFT", "WINDOW ENDS"], budgets.Items.Select(item => item.Status is { } status
                        ? new[]
                        {
                            item.Budget, status.Unit, Number(status.Limit), Number(status.Posted), Number(status.Leases.Sum(l => l.Amount)), Number(status.Left),
                            status.WindowEnd?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) ?? "never",
                        }
                        : [item.Budget, "", "", "", "", "", "not begun"]));
                },
                tenant),
            AdminSession.Define(
                "top-up",
                "Add to the current window.",
                async (session, parsed, cancellation) => Write(session, await session.Client.PostAsync<BudgetStatus>(
                    ApiPath.Join("budgets", parsed.GetRequiredValue(name), "top-ups"),
                    new TopUpBody(
                        new TopUpAmount(parsed.GetValue(tokens), parsed.GetValue(money), parsed.GetValue(requests)), parsed.GetValue(subject), parsed.GetValue(id), parsed.GetValue(note)),
                    cancellation)),
                name,
                subject,
                tokens,
                money,
                requests,
                id,
                note),
            AdminSession.Define(
                "resolve",
                "Close the lease of a lost edge.",
                async (session, parsed, cancellation) =>
                {
                    var resolved = await session.Client.PostAsync<LeaseResolution>(
                        ApiPath.Join("budgets", parsed.GetRequiredValue(name), "resolve"),
                        new ResolveBody(parsed.GetRequiredValue(lease), parsed.GetValue(window), parsed.GetValue(subject), parsed.GetValue(spent)),
                        cancellation);
                    return session.Write(resolved, ["LEASE", "HAD", "REPORTED", "POSTED"], [[resolved.Edge, Number(resolved.Amount), Number(resolved.Reported), Number(resolved.Spent)]]);
                },
                name,
                lease,
                window,
                subject,
                spent),
        };
    }

    private static int Write(AdminSession session, BudgetStatus status) => session.Write(
        status,
        ["WHAT", "WINDOW", "AMOUNT", "SPENT"],
        [
            ["limit", "", Number(status.Limit), ""],
            ["posted", "", "", Number(status.Posted)],
            .. status.Leases.Select(l => new[] { l.InDoubt ? $"in doubt: {l.Edge}" : $"lent to {l.Edge}", Number(l.Window), Number(l.Amount), Number(l.Spent) }),
            .. status.Resolved.Select(r => new[] { $"resolved: {r.Edge}", Number(r.Window), Number(r.Amount), Number(r.Spent) }),
            ["left", "", Number(status.Left), ""],
        ]);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
