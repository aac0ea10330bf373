using System.CommandLine;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice rollback</c></summary>
internal static class RollbackCommand
{
    public static Command Define()
    {
        var to = new Argument<long>("revision") { Description = "The revision whose resources become active again, as a new revision." };
        var ifMatch = RevisionOptions.IfMatch();
        var takeOver = RevisionOptions.TakeOver();
        var reason = RevisionOptions.Reason();
        return AdminSession.Define(
            "rollback",
            "Make an earlier revision's resources active again.",
            async (session, parsed, cancellation) => ChangePrinter.Print(session, await session.Client.PostAsync<ApplyAnswer>(
                ApiPath.Query("rollback", ("takeOver", parsed.GetValue(takeOver) ? "true" : null)), new RollbackBody(parsed.GetValue(to), parsed.GetValue(reason)), cancellation, parsed.GetValue(ifMatch))),
            to,
            ifMatch,
            takeOver,
            reason);
    }
}
