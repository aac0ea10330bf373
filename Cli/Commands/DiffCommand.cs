using System.CommandLine;
using System.Globalization;
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
        var from = new Argument<long?>("from") { Description = "A revision; 0: nothing.", Arity = ArgumentArity.ZeroOrOne };
        var to = new Argument<long?>("to") { Description = "A later revision; the one after it when not given.", Arity = ArgumentArity.ZeroOrOne };
        return AdminSession.Define(
            "diff",
            "Show how a bundle differs from what is active, or one revision from another.",
            (session, parsed, cancellation) => (parsed.GetValue(files), parsed.GetValue(from)) switch
            {
                ({ Length: > 0 } sources, null) => CandidateAsync(session, sources, parsed.GetValue(prune), cancellation),
                (null or [], { } first) => RevisionsAsync(session, first, parsed.GetValue(to) ?? first + 1, cancellation),
                _ => throw new UsageException("diff takes either -f, or one or two revisions"),
            },
            from,
            to,
            files,
            prune);
    }

    private static async Task<int> CandidateAsync(AdminSession session, string[] sources, bool prune, CancellationToken cancellation)
    {
        using var bundle = await BundleFiles.ReadAsync(sources, cancellation);
        var path = ApiPath.Query("apply", ("dryRun", "true"), ("prune", prune ? "true" : null));
        return ChangePrinter.Print(session, await session.Client.SendAsync<ApplyAnswer>(HttpMethod.Post, path, bundle, null, cancellation));
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
