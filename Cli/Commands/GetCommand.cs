using System.CommandLine;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Revisions;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice get</c></summary>
internal static class GetCommand
{
    public static Command Define()
    {
        var kind = new Argument<string?>("kind") { Description = $"One of {string.Join(", ", Kinds.All.Select(k => k.Plural))}; all when not given.", Arity = ArgumentArity.ZeroOrOne };
        var name = new Argument<string?>("name") { Description = "One resource; all of the kind when not given.", Arity = ArgumentArity.ZeroOrOne };
        return AdminSession.Define(
            "get",
            "Show what is declared. With --json the answer is a bundle.",
            async (session, parsed, cancellation) =>
            {
                var kinds = parsed.GetValue(kind) is { } written ? [Find(written)] : Kinds.All;
                if (parsed.GetValue(name) is { } one)
                {
                    var resource = await session.Client.GetAsync<JsonElement>(ApiPath.Join(kinds[0].Plural, one), cancellation);
                    await session.Output.WriteLineAsync(session.Json ? JsonSerializer.Serialize(resource, AdminJson.Options) : ChangePrinter.Pretty(resource));
                    return ExitCode.Done;
                }

                var items = new List<ResourceItem>();
                foreach (var each in kinds)
                {
                    items.AddRange((await session.Client.GetAsync<ResourceList>(each.Plural, cancellation)).Items);
                }

                return session.Write(items.ConvertAll(i => i.Resource), ["KIND", "NAME", "HASH"], items.Select(i => new[] { i.Kind, i.Name, i.Hash[..12] }));
            },
            kind,
            name);
    }

    private static KindEntry Find(string written) =>
        Kinds.All.FirstOrDefault(k => string.Equals(k.Plural, written, StringComparison.OrdinalIgnoreCase) || string.Equals(k.Name, written, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException($"there is no kind '{written}'; known: {string.Join(", ", Kinds.All.Select(k => k.Plural))}");
}
