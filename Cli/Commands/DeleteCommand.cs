using System.CommandLine;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice delete</c></summary>
internal static class DeleteCommand
{
    public static Command Define()
    {
        var kind = KindArgument.Required();
        var name = new Argument<string>("name") { Description = "The resource's name." };
        var dryRun = RevisionOptions.DryRun();
        var ifMatch = RevisionOptions.IfMatch();
        var takeOver = RevisionOptions.TakeOver();
        var reason = RevisionOptions.Reason();
        return AdminSession.Define(
            "delete",
            "Remove one resource, as one revision.",
            async (session, parsed, cancellation) =>
            {
                var path = ApiPath.Query(
                    KindArgument.Path(KindArgument.Find(parsed.GetRequiredValue(kind)), parsed.GetRequiredValue(name)),
                    ("dryRun", parsed.GetValue(dryRun) ? "true" : null),
                    ("takeOver", parsed.GetValue(takeOver) ? "true" : null),
                    ("reason", parsed.GetValue(reason)));
                return ChangePrinter.Print(
                    session, await session.Client.SendAsync<ApplyAnswer>(HttpMethod.Delete, path, null, parsed.GetValue(ifMatch), cancellation));
            },
            kind,
            name,
            dryRun,
            ifMatch,
            takeOver,
            reason);
    }
}
