using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Silo.Admin;
using Spectre.Console;

namespace Sluice.Cli.Output;

/// <summary>Prints what differs, resource by resource, before and after.</summary>
internal static class ChangePrinter
{
    private static readonly JsonSerializerOptions Indented = new(AdminJson.Options) { WriteIndented = true };

    /// <summary>Prints the changes one line each, with their content where the answer has it.</summary>
    public static void Print(AdminSession session, IReadOnlyList<ChangeAnswer> changes)
    {
        foreach (var change in changes)
        {
            var (sign, style) = change.Type switch
            {
                ChangeType.Added => ('+', new Style(Color.Green)),
                ChangeType.Removed => ('-', new Style(Color.Red)),
                _ => ('~', new Style(Color.Yellow)),
            };
            session.Console.Write(new Text($"{sign} {change.Kind}/{change.Name}\n", style));
            if (change.Before is null && change.After is null)
            {
                continue;
            }

            foreach (var (lineSign, line) in LineDiff.Compare(Lines(change.Before), Lines(change.After)))
            {
                session.Console.Write(new Text($"    {lineSign} {line}\n", lineSign switch
                {
                    '+' => new Style(Color.Green),
                    '-' => new Style(Color.Red),
                    _ => Style.Plain,
                }));
            }
        }
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
        return ExitCode.Done;
    }

    /// <summary>A resource as indented JSON, which is YAML too.</summary>
    public static string Pretty(JsonElement resource) => JsonSerializer.Serialize(resource, Indented);

    private static string Edges(ApplyAnswer answer) => answer.Barrier switch
    {
        BarrierState.None => "edges were not waited for",
        BarrierState.Complete => FormattableString.Invariant($"{answer.Edges.Activated} edges run it"),
        _ => FormattableString.Invariant($"{answer.Edges.Activated} edges run it, without a lease are {string.Join(", ", answer.Edges.Lapsed)}"),
    };

    private static string[] Lines(JsonElement? resource) => resource is { } shown ? Pretty(shown).Split('\n') : [];
}
