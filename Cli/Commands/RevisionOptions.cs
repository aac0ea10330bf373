using System.CommandLine;

namespace Sluice.Cli.Commands;

/// <summary>Options of the commands that make a revision.</summary>
internal static class RevisionOptions
{
    public static Option<long?> IfMatch() => new("--if-match") { Description = "Refuse when another revision than this is active.", HelpName = "REVISION" };

    public static Option<bool> DryRun() => new("--dry-run") { Description = "Check and show what would differ, change nothing." };

    public static Option<bool> TakeOver() => new("--take-over") { Description = "Take over what belongs to a folder or a Git source, instead of being refused." };

    public static Option<string?> Reason() => new("--reason") { Description = "Why, for the history." };
}
