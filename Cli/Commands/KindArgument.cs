using System.CommandLine;
using Sluice.Cli.Admin;
using Sluice.Revisions;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>A kind of resource as people write it: <c>route</c>, <c>Route</c> or <c>routes</c>.</summary>
internal static class KindArgument
{
    public static Argument<string> Required() => Complete(new Argument<string>("kind") { Description = $"One of {Known}." });

    public static Argument<string?> Optional() =>
        Complete(new Argument<string?>("kind") { Description = $"One of {Known}; all when not given.", Arity = ArgumentArity.ZeroOrOne });

    /// <exception cref="UsageException">There is no such kind; names those that there are.</exception>
    public static KindEntry Find(string written) =>
        Kinds.All.FirstOrDefault(k => string.Equals(k.Plural, written, StringComparison.OrdinalIgnoreCase) || string.Equals(k.Name, written, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(Unknown.Say("kind", written, [.. Kinds.All.Select(k => k.Plural)]));

    /// <summary>The path of one resource; names of models may hold slashes.</summary>
    public static string Path(KindEntry kind, string name) => ApiPath.Join([kind.Plural, .. name.Split('/')]);

    private static string Known => string.Join(", ", Kinds.All.Select(k => k.Plural));

    private static Argument<T> Complete<T>(Argument<T> argument)
    {
        argument.CompletionSources.Add(_ => Kinds.All.Select(k => new System.CommandLine.Completions.CompletionItem(k.Plural)));
        return argument;
    }
}
