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
        var effect = new Option<bool>("--effect") { Description = "Show how requests went in the five minutes before and after each revision." };
        var command = AdminSession.Define(
            "history",
            "List revisions, newest first.",
            async (session, parsed, cancellation) =>
            {
                var page = await session.Client.GetAsync<RevisionList>(
                    ApiPath.Query(
                        "revisions",
                        ("before", parsed.GetValue(before)?.ToString(CultureInfo.InvariantCulture)),
                        ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture)),
                        ("effect", parsed.GetValue(effect) ? "true" : null)),
                    cancellation);
                if (parsed.GetValue(effect))
                {
                    return session.Write(page, EffectColumns.Heads, page.Items.Select(r => EffectColumns.Of(r, page.Active)));
                }

                return session.Write(page, ["REVISION", "AT", "BY", "CHANGES", "RESOURCES", "HASH", "REASON"], page.Items.Select(r => new[]
                {
                    FormattableString.Invariant($"{r.Revision}{(r.Revision == page.Active ? " active" : "")}{(r.Pinned ? " pinned" : "")}{(r.Pruned ? " pruned" : "")}"),
                    r.At.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    $"{r.Author.Name} ({r.Author.Via})",
                    FormattableString.Invariant($"{r.Changes.Count}{(r.RollbackOf is { } of ? FormattableString.Invariant($" (as {of})") : "")}"),
                    r.Resources.ToString(CultureInfo.InvariantCulture),
                    r.Hash[..12],
                    r.Reason ?? "",
                }));
            },
            before,
            limit,
            effect);
        command.Add(Pin("pin", HttpMethod.Post, "Keep a revision, however old it grows, until it is unpinned."));
        command.Add(Pin("unpin", HttpMethod.Delete, "Keep a revision no longer than others are kept."));
        return command;
    }

    private static Command Pin(string name, HttpMethod method, string description)
    {
        var revision = new Argument<long>("revision") { Description = "The revision." };
        return AdminSession.Define(
            name,
            description,
            async (session, parsed, cancellation) =>
            {
                var path = ApiPath.Join("revisions", parsed.GetValue(revision).ToString(CultureInfo.InvariantCulture), "pin");
                var answer = await session.Client.SendAsync<PinAnswer>(method, path, null, null, cancellation);
                return session.Tell(answer, FormattableString.Invariant($"Revision {answer.Revision} is {(answer.Pinned ? "kept until it is unpinned" : "kept no longer than others")}."));
            },
            revision);
    }
}
