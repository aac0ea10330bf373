using System.CommandLine;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice canary</c></summary>
internal static class CanaryCommand
{
    public static Command Define()
    {
        var name = new Argument<string>("name") { Description = "The canary's name." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change; change nothing." };
        var ifMatch = RevisionOptions.IfMatch();
        var takeOver = RevisionOptions.TakeOver();
        var reason = RevisionOptions.Reason();
        return new Command("canary", "A change that holds for a part of the subjects: declared and taken away as a resource, accepted here.")
        {
            AdminSession.Define(
                "accept",
                "Make a canary's change hold for all, and remove the canary.",
                async (session, parsed, cancellation) => ChangePrinter.Print(session, await session.Client.PostAsync<ApplyAnswer>(
                    ApiPath.Query(
                        ApiPath.Join("canaries", parsed.GetRequiredValue(name), "accept"),
                        ("dryRun", parsed.GetValue(dryRun) ? "true" : null),
                        ("takeOver", parsed.GetValue(takeOver) ? "true" : null),
                        ("reason", parsed.GetValue(reason))),
                    null,
                    cancellation,
                    parsed.GetValue(ifMatch))),
                name,
                dryRun,
                ifMatch,
                takeOver,
                reason),
        };
    }
}
