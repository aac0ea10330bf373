using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice audit</c> and <c>sluice audit verify</c></summary>
internal static class AuditCommand
{
    public static Command Define()
    {
        var from = new Option<long?>("--from") { Description = "The revision to begin with; when not given, so many before the last." };
        var limit = new Option<int>("--limit") { Description = "How many, 1 to 1,000.", DefaultValueFactory = _ => 20 };
        var command = AdminSession.Define(
            "audit",
            "List the audit chain, oldest first: who changed what, when, why and from where.",
            async (session, parsed, cancellation) =>
            {
                var most = parsed.GetValue(limit);
                var first = parsed.GetValue(from) ?? await FirstOfLastAsync(session.Client, most, cancellation);
                var page = await session.Client.GetAsync<AuditList>(
                    ApiPath.Query("audit", ("from", first.ToString(CultureInfo.InvariantCulture)), ("limit", most.ToString(CultureInfo.InvariantCulture))), cancellation);
                return session.Write(page, ["REVISION", "AT", "BY", "FROM", "CHANGES", "ENTRY", "REASON"], page.Items.Select(e => new[]
                {
                    e.Revision.ToString(CultureInfo.InvariantCulture),
                    e.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    $"{e.Author.Name} ({e.Author.Via})",
                    e.Author.From,
                    FormattableString.Invariant($"{e.Changes.Count}{(e.RollbackOf is { } of ? FormattableString.Invariant($" (as {of})") : "")}"),
                    e.Entry.Length > 12 ? e.Entry[..12] : e.Entry,
                    e.Reason ?? "",
                }));
            },
            from,
            limit);
        command.Add(Verify());
        return command;
    }

    private static Command Verify() => AdminSession.Define(
        "verify",
        "Walk along the whole chain; exits with 1 and names each entry that was altered, left out or put in.",
        async (session, _, cancellation) =>
        {
            var verdict = await session.Client.GetAsync<AuditVerdict>("audit/verify", cancellation);
            if (session.Json)
            {
                session.WriteJson(verdict);
            }
            else if (verdict.Whole)
            {
                await session.Output.WriteLineAsync(FormattableString.Invariant($"The chain is whole: {verdict.Entries} entries, the last is {verdict.Head}."));
            }

            if (verdict.Whole)
            {
                return ExitCode.Done;
            }

            await session.Error.WriteLineAsync(FormattableString.Invariant($"sluice: the audit chain is broken: {verdict.Faults.Count} of {verdict.Entries} entries do not fit"));
            foreach (var fault in verdict.Faults)
            {
                await session.Error.WriteLineAsync($"sluice: {fault}");
            }

            return ExitCode.Failed;
        });

    private static async Task<long> FirstOfLastAsync(AdminClient client, int most, CancellationToken cancellation) =>
        Math.Max(1, (await client.GetAsync<RevisionList>(ApiPath.Query("revisions", ("limit", "1")), cancellation)).Active - most + 1);
}
