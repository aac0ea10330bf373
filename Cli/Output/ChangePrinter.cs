using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Silo.Admin;
using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>Prints what differs as a review reads it: resource by resource, field by field. Colours are only on a terminal.</summary>
internal static class ChangePrinter
{
    /// <summary>Prints the changes grouped by resource, with their fields where the answer has them: added, removed, old → new.</summary>
    public static void Print(AdminSession session, IReadOnlyList<ChangeAnswer> changes)
    {
        foreach (var change in changes)
        {
            var sign = change.Type switch { ChangeType.Added => '+', ChangeType.Removed => '-', _ => '~' };
            Write(sign, $"{sign} {change.Kind}/{change.Name}");
            if (change.OwnerAfter is { } owner)
            {
                Write('~', $"    ~ owner: {change.OwnerBefore} → {owner}");
            }

            // A secret's new value has no form to be shown: that it changes is all there is to tell.
            if ((change.Before, change.After) is (null, null) || (change.Type is ChangeType.Changed && change.After is null))
            {
                continue;
            }

            foreach (var field in FieldDiff.Compare(change.Before, change.After))
            {
                Write(field.Sign, $"    {field}");
            }
        }

        void Write(char sign, string line) => session.Console.Write(new Text($"{line}\n", sign switch
        {
            '+' => new Style(Color.Green),
            '-' => new Style(Color.Red),
            _ => new Style(Color.Yellow),
        }));
    }

    /// <summary>Prints what became of a change.</summary>
    public static int Print(AdminSession session, ApplyAnswer answer)
    {
        if (session.Json)
        {
            return session.WriteJson(answer);
        }

        Print(session, answer.Changes);
        session.Output.WriteLine(answer switch
        {
            { DryRun: true, Changes.Count: 0 } => FormattableString.Invariant($"Nothing differs from revision {answer.Revision}."),
            { DryRun: true } => FormattableString.Invariant($"Dry run: {answer.Changes.Count} would differ from revision {answer.Revision}; nothing was changed."),
            { Changes.Count: 0 } => FormattableString.Invariant($"Nothing differs: revision {answer.Revision} stays active."),
            _ => FormattableString.Invariant($"Revision {answer.Revision} is active: {answer.Changes.Count} changed, {Edges(answer)}."),
        });
        foreach (var warning in answer.Warnings ?? [])
        {
            session.Output.WriteLine($"Warning: {warning.Path}: {warning.Message}.");
        }

        return ExitCode.Done;
    }

    private static string Edges(ApplyAnswer answer) => answer.Barrier switch
    {
        BarrierState.None => "edges were not waited for",
        BarrierState.Complete => FormattableString.Invariant($"{answer.Edges.Activated} edges run it"),
        _ => FormattableString.Invariant($"{answer.Edges.Activated} edges run it, without a lease are {string.Join(", ", answer.Edges.Lapsed)}"),
    };
}
