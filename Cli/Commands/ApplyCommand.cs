using System.CommandLine;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice apply</c></summary>
internal static class ApplyCommand
{
    public static Command Define()
    {
        var files = BundleFiles.Option(required: true);
        var dryRun = RevisionOptions.DryRun();
        var prune = new Option<bool>("--prune") { Description = "Remove what the bundle does not name." };
        var ifMatch = RevisionOptions.IfMatch();
        var takeOver = RevisionOptions.TakeOver();
        var reason = RevisionOptions.Reason();
        return AdminSession.Define(
            "apply",
            "Apply a bundle as one revision or not at all.",
            async (session, parsed, cancellation) =>
            {
                using var bundle = await BundleFiles.ReadAsync(parsed.GetRequiredValue(files), cancellation);
                var path = ApiPath.Query(
                    "apply",
                    ("dryRun", parsed.GetValue(dryRun) ? "true" : null),
                    ("prune", parsed.GetValue(prune) ? "true" : null),
                    ("takeOver", parsed.GetValue(takeOver) ? "true" : null),
                    ("reason", parsed.GetValue(reason)));
                return ChangePrinter.Print(
                    session, await session.Client.SendAsync<ApplyAnswer>(HttpMethod.Post, path, bundle, parsed.GetValue(ifMatch), cancellation));
            },
            files,
            dryRun,
            prune,
            ifMatch,
            takeOver,
            reason);
    }
}
