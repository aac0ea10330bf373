using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice sources</c></summary>
internal static class SourcesCommand
{
    public static Command Define() => AdminSession.Define(
        "sources",
        "List watched folders and Git checkouts, and what is wrong with them.",
        async (session, _, cancellation) =>
        {
            var list = await session.Client.GetAsync<SourceList>("sources", cancellation);
            session.Write(list, ["SOURCE", "STATE", "SINCE", "REVISION", "COMMIT", "SILO", "PATH"], list.Items.Select(s => new[]
            {
                s.Source,
                s.State.ToString().ToLowerInvariant(),
                s.Since.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                s.Revision?.ToString(CultureInfo.InvariantCulture) ?? "",
                s.Commit is { Length: > 12 } commit ? commit[..12] : s.Commit ?? "",
                s.Silo ?? "nobody",
                s.Path,
            }));
            foreach (var (source, error) in session.Json ? [] : list.Items.SelectMany(s => s.Errors.Select(e => (s.Source, e))))
            {
                var line = error.Line is { } number ? FormattableString.Invariant($":{number}") : "";
                var place = error.File.Length > 0 ? $" {error.File}{line}:" : "";
                await session.Output.WriteLineAsync($"{source}:{place} {(error.Path.Length > 0 ? $"{error.Path} " : "")}{error.Message}");
            }

            return ExitCode.Done;
        });
}
