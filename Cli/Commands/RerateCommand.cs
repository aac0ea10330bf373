using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice usage rerate</c></summary>
internal static class RerateCommand
{
    public static Command Define()
    {
        var from = new Option<string>("--from") { Description = "The first day (UTC), such as 2026-01-01.", Required = true };
        var to = new Option<string>("--to") { Description = "The last day (UTC); before today with --apply.", Required = true };
        var price = new Option<string>("--price") { Description = "The name of a Price, or list for the shipped list.", Required = true };
        var tenant = new Option<string?>("--tenant") { Description = "Whose usage; everybody's when not given." };
        var apply = new Option<bool>("--apply") { Description = "Post the difference; else it is only shown." };
        return AdminSession.Define(
            "rerate",
            "Rate the usage of a period by another price table.",
            async (session, parsed, cancellation) =>
            {
                var body = new RerateBody(parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), parsed.GetRequiredValue(price), parsed.GetValue(tenant), !parsed.GetValue(apply));
                var answer = await session.Client.PostAsync<RerateAnswer>(ApiPath.Join("usage", "rerate"), body, cancellation);
                return session.Write(
                    answer,
                    ["TENANT", "TARGET", "ATTEMPTS", "BEFORE USD", "AFTER USD", answer.DryRun ? "DIFFERENCE" : "POSTED"],
                    [
                        .. answer.Rows.Select(r => new[] { r.Tenant, r.Target, r.Attempts.ToString("N0", CultureInfo.InvariantCulture), r.Before, r.Priced ? r.After : "no price", r.Difference }),
                        ["total", answer.Price, "", answer.Before, answer.After, answer.Difference],
                    ]);
            },
            from,
            to,
            price,
            tenant,
            apply);
    }
}
