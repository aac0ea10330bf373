using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Revisions.Catalogue;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice catalogue</c></summary>
internal static class CatalogueCommand
{
    private static readonly string[] Columns = ["PROVIDER", "MODEL", "CONTEXT", "ANSWER", "INPUT", "OUTPUT", "CACHED", "FEATURES"];

    public static Command Define()
    {
        var name = new Argument<string?>("name") { Description = "A part of the model's name.", Arity = ArgumentArity.ZeroOrOne };
        var provider = new Option<string?>("--provider") { Description = "Of one preset, as 'anthropic'." };
        var feature = new Option<string?>("--feature") { Description = $"That can do this: {string.Join(", ", KnownModels.AllFeatures)}." };
        return AdminSession.Define(
            "catalogue",
            "List the models of known providers: context, features and prices for a million tokens, as of the day that Sluice was shipped with.",
            async (session, parsed, cancellation) =>
            {
                var path = ApiPath.Query("catalogue", ("provider", parsed.GetValue(provider)), ("feature", parsed.GetValue(feature)), ("name", parsed.GetValue(name)));
                var list = await session.Client.GetAsync<KnownModelList>(path, cancellation);
                return session.Write(list, Columns, list.Items.Select(Row));
            },
            name,
            provider,
            feature);
    }

    private static string[] Row(KnownModel model) =>
    [
        model.Provider, model.Model, model.Context.ToString(CultureInfo.InvariantCulture), model.MaxOutput?.ToString(CultureInfo.InvariantCulture) ?? "",
        model.Input ?? "", model.Output ?? "", model.CachedInput ?? "", string.Join(' ', model.Features),
    ];
}
