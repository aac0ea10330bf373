using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Revisions;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice export</c>: a revision as files, one a resource, that apply back to no change.</summary>
internal static class ExportCommand
{
    public static Command Define()
    {
        var folder = new Option<string>("--directory", "-d") { Description = "A folder that is empty or not there yet.", Required = true, HelpName = "DIR" };
        var revision = new Option<long?>("--revision") { Description = "Another revision than the active one." };
        return AdminSession.Define(
            "export",
            "Write what is declared as files, one a resource, that apply back to no change.",
            async (session, parsed, cancellation) =>
            {
                var directory = Path.GetFullPath(parsed.GetRequiredValue(folder));
                if (File.Exists(directory) || (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any()))
                {
                    throw new UsageException($"{directory} must be a folder that is empty or not there yet: what lies there already would be applied with what is written");
                }

                var number = parsed.GetValue(revision) ?? (await session.Client.GetAsync<RevisionList>(ApiPath.Query("revisions", ("limit", "1")), cancellation)).Active;
                var answer = await session.Client.GetAsync<RevisionAnswer>(ApiPath.Join("revisions", number.ToString(CultureInfo.InvariantCulture)), cancellation);
                var written = answer.Resources.Where(r => !GetCommand.IsSecret(r)).ToArray();
                try
                {
                    foreach (var item in written)
                    {
                        Write(directory, item);
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new AdminRefusedException($"{directory} cannot be written: {e.Message}", inner: e);
                }

                var secrets = answer.Resources.Count - written.Length;
                return session.Tell(
                    new { revision = number, directory, files = written.Length, secrets },
                    FormattableString.Invariant($"Revision {number}: {written.Length} files in {directory}."),
                    secrets > 0 ? FormattableString.Invariant($"{secrets} secrets are left out, for their values are not shown; an apply without --prune keeps them.") : "It has no secrets.");
            },
            folder,
            revision);
    }

    // Names of models may hold slashes and colons.
    private static void Write(string directory, ResourceItem item)
    {
        var folder = Path.Combine(directory, Kinds.Find(item.Kind)!.Plural);
        Directory.CreateDirectory(folder);
        using var file = new StreamWriter(Path.Combine(folder, $"{Uri.EscapeDataString(item.Name)}.yaml"));
        BundleWriter.WriteYaml(file, [item.Resource]);
    }
}
