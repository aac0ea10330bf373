using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice diff</c></summary>
internal static class DiffCommand
{
    public static Command Define()
    {
        var files = BundleFiles.Option(required: false);
        var prune = new Option<bool>("--prune") { Description = "With -f: as apply --prune." };
        var takeOver = RevisionOptions.TakeOver();
        var replay = new Option<bool>("--replay") { Description = "With -f: also run the last hour's calls against the bundle, without their bodies, and show whose outcome would change." };
        var from = new Argument<long?>("from") { Description = "A revision; 0: nothing.", Arity = ArgumentArity.ZeroOrOne };
        var to = new Argument<long?>("to") { Description = "A later revision; the one after it when not given.", Arity = ArgumentArity.ZeroOrOne };
        return AdminSession.Define(
            "diff",
            "Show how a bundle differs from what is active, or one revision from another.",
            (session, parsed, cancellation) => (parsed.GetValue(files), parsed.GetValue(from)) switch
            {
                ({ Length: > 0 } sources, null) => CandidateAsync(session, sources, parsed.GetValue(prune), parsed.GetValue(takeOver), parsed.GetValue(replay), cancellation),
                (null or [], { } first) when !parsed.GetValue(replay) => RevisionsAsync(session, first, parsed.GetValue(to) ?? first + 1, cancellation),
                _ => throw new UsageException("diff takes either -f, or one or two revisions; --replay goes with -f"),
            },
            from,
            to,
            files,
            prune,
            takeOver,
            replay);
    }

    private static async Task<int> CandidateAsync(AdminSession session, string[] sources, bool prune, bool takeOver, bool replay, CancellationToken cancellation)
    {
        using var bundle = await BundleFiles.ReadAsync(sources, cancellation);

        // The input can be read but once, and what was sent no more.
        var changes = replay ? JsonNode.Parse(await bundle.ReadAsStringAsync(cancellation)) : null;
        var path = ApiPath.Query("apply", ("dryRun", "true"), ("prune", prune ? "true" : null), ("takeOver", takeOver ? "true" : null));
        var diff = await session.Client.SendAsync<ApplyAnswer>(HttpMethod.Post, path, bundle, null, cancellation);
        if (!replay)
        {
            return ChangePrinter.Print(session, diff);
        }

        var body = new JsonObject { ["changes"] = changes };
        if (prune)
        {
            body["prune"] = true;
        }

        var replayed = await session.Client.PostAsync<ReplayAnswer>("replay", body, cancellation);
        if (session.Json)
        {
            return session.WriteJson(new { diff, replay = replayed });
        }

        ChangePrinter.Print(session, diff);
        return session.Tell(replayed, [.. ReplayReport.Lines(replayed)]);
    }

    private static async Task<int> RevisionsAsync(AdminSession session, long from, long to, CancellationToken cancellation)
    {
        var path = ApiPath.Query(
            ApiPath.Join("revisions", to.ToString(CultureInfo.InvariantCulture), "diff"), ("against", from.ToString(CultureInfo.InvariantCulture)));
        var diff = await session.Client.GetAsync<RevisionDiff>(path, cancellation);
        if (session.Json)
        {
            return session.WriteJson(diff);
        }

        ChangePrinter.Print(session, diff.Changes);
        await session.Output.WriteLineAsync(FormattableString.Invariant($"{diff.Changes.Count} differ from revision {diff.From} to {diff.To}."));
        return ExitCode.Done;
    }
}
