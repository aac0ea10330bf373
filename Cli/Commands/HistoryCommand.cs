using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice history</c></summary>
internal static class HistoryCommand
{
    public static Command Define()
    {
        var before = new Option<long?>("--before") { Description = "Only revisions below this one." };
        var limit = new Option<int>("--limit") { Description = "How many, 1 to 1,000.", DefaultValueFactory = _ => 20 };
        return AdminSession.Define(
            "history",
            "List revisions, newest first.",
            async (session, parsed, cancellation) =>
            {
                var page = await session.Client.GetAsync<RevisionList>(
                    ApiPath.Query(
                        "revisions",
                        ("before", parsed.GetValue(before)?.ToString(CultureInfo.InvariantCulture)),
                        ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture))),
                    cancellation);
                return session.Write(page, ["REVISION", "AT", "BY", "CHANGES", "RESOURCES", "HASH", "REASON"], page.Items.Select(r => new[]
                {
                    FormattableString.Invariant($"{r.Revision}{(r.Revision == page.Active ? " active" : "")}"),
                    r.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    $"{r.Author.Name} ({r.Author.Via})",
                    FormattableString.Invariant($"{r.Changes.Count}{(r.RollbackOf is { } of ? FormattableString.Invariant($" (as {of})") : "")}"),
                    r.Resources.ToString(CultureInfo.InvariantCulture),
                    r.Hash[..12],
                    r.Reason ?? "",
                }));
            },
            before,
            limit);
    }
}
