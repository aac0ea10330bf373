using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Resources;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice get</c></summary>
internal static class GetCommand
{
    private enum Form
    {
        Table,
        Yaml,
        Json,
    }

    public static Command Define()
    {
        var kind = KindArgument.Optional();
        var name = new Argument<string?>("name") { Description = "One resource; all of the kind when not given.", Arity = ArgumentArity.ZeroOrOne };
        var form = new Option<Form?>("--output", "-o") { Description = "table, yaml or json; when not given, a table of many and YAML of one." };
        return AdminSession.Define(
            "get",
            "Show what is declared. With -o yaml the answer is a bundle that applies back to no change.",
            async (session, parsed, cancellation) =>
            {
                var (written, one) = (parsed.GetValue(kind), parsed.GetValue(name));
                var items = await ReadAsync(session.Client, written is null ? null : KindArgument.Find(written), one, cancellation);
                switch (session.Json ? Form.Json : parsed.GetValue(form) ?? (one is null ? Form.Table : Form.Yaml))
                {
                    case Form.Json when one is not null:
                        return session.WriteJson(items[0].Resource);
                    case Form.Json:
                        return session.WriteJson(items.ConvertAll(i => i.Resource));
                    case Form.Yaml:
                        WriteYaml(session.Output, items);
                        return ExitCode.Done;
                    default:
                        if (items.Count > 0 && items.All(i => i.Kind is CertificateResource.KindName))
                        {
                            return await CertificateColumns.WriteAsync(session, items, cancellation);
                        }

                        return session.Write(items, ["KIND", "NAME", "OWNER", "HASH"], items.Select(i => new[] { i.Kind, i.Name, i.Owner, i.Hash.Length > 0 ? i.Hash[..12] : "" }));
                }
            },
            kind,
            name,
            form);
    }

    private static async Task<List<ResourceItem>> ReadAsync(AdminClient client, KindEntry? kind, string? name, CancellationToken cancellation)
    {
        if (name is not null)
        {
            using var answer = await client.OpenAsync(HttpMethod.Get, KindArgument.Path(kind!, name), null, null, cancellation);
            var resource = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
            var owner = answer.Headers.TryGetValues(ResourceItem.OwnerHeader, out var values) ? values.Single() : Owners.Api;
            return [new ResourceItem(kind!.Name, name, "", resource, owner)];
        }

        var items = new List<ResourceItem>();
        foreach (var each in kind is null ? Kinds.All : [kind])
        {
            items.AddRange((await client.GetAsync<ResourceList>(each.Plural, cancellation)).Items);
        }

        return items;
    }

    // A secret's value is not shown to anyone, so it cannot be applied back: it is named in a comment.
    private static void WriteYaml(TextWriter output, List<ResourceItem> items)
    {
        foreach (var secret in items.Where(IsSecret))
        {
            output.Write($"# {secret.Kind}/{secret.Name}, version {secret.Resource.GetProperty("version")}: its value is not shown; an apply without --prune keeps it.\n");
        }

        foreach (var of in items.Where(i => !IsSecret(i) && i.Owner is not Owners.Api).GroupBy(i => i.Owner, StringComparer.Ordinal))
        {
            output.Write($"# {of.Key} owns {string.Join(", ", of.Select(i => $"{i.Kind}/{i.Name}"))}: changing it through the API wants --take-over.\n");
        }

        BundleWriter.WriteYaml(output, items.Where(i => !IsSecret(i)).Select(i => i.Resource));
    }

    /// <summary>Whether a resource cannot be applied back, for its value is not shown.</summary>
    public static bool IsSecret(ResourceItem item) => string.Equals(item.Kind, SecretResource.KindName, StringComparison.Ordinal);
}
