using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.Admin;
using Sluice.Cli.Output;
using Sluice.Revisions.Resources;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice route</c>: moves the traffic of a split by hand, in one publish.</summary>
internal static class RouteCommand
{
    private const int MostWeight = 1_000_000;

    public static Command Define()
    {
        var name = new Argument<string>("name") { Description = "The route's name." };
        var upstream = new Argument<string>("upstream") { Description = "The part of its split that takes everything." };
        var weights = new Argument<string[]>("weights") { Description = "UPSTREAM=WEIGHT, for each part that changes.", Arity = ArgumentArity.OneOrMore };
        var (dryRun, takeOver, reason) = (RevisionOptions.DryRun(), RevisionOptions.TakeOver(), RevisionOptions.Reason());
        return new Command("route", "Move the traffic of a route's split by hand, as one revision.")
        {
            AdminSession.Define(
                "switch",
                "Send everything to one part of a split; the others stay in it with weight 0.",
                (session, parsed, cancellation) => MoveAsync(session, parsed, parsed.GetRequiredValue(name), parts => Switch(parts, parsed.GetRequiredValue(upstream)), cancellation),
                name,
                upstream,
                dryRun,
                takeOver,
                reason),
            AdminSession.Define(
                "weights",
                "Set the weights of parts of a split; those that are not named keep theirs.",
                (session, parsed, cancellation) => MoveAsync(session, parsed, parsed.GetRequiredValue(name), parts => Set(parts, parsed.GetRequiredValue(weights)), cancellation),
                name,
                weights,
                dryRun,
                takeOver,
                reason),
        };

        // What is changed is what was read: whoever changes the route between is not overwritten.
        async Task<int> MoveAsync(AdminSession session, ParseResult parsed, string route, Action<Dictionary<string, JsonObject>> move, CancellationToken cancellation)
        {
            var path = KindArgument.Path(KindArgument.Find(RouteResource.KindName), route);
            using var read = await session.Client.OpenAsync(HttpMethod.Get, path, null, null, cancellation);
            var revision = long.Parse(read.Headers.ETag!.Tag.Trim('"'), CultureInfo.InvariantCulture);
            var resource = (await read.Content.ReadFromJsonAsync<JsonObject>(cancellation))!;
            if (resource["split"] is not JsonArray split)
            {
                throw new UsageException($"route '{route}' has no split: it answers by itself");
            }

            var parts = split.OfType<JsonObject>().ToDictionary(part => part["upstream"]!.GetValue<string>(), StringComparer.Ordinal);
            var before = string.Join(' ', parts.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key}={WeightOf(p.Value)}")));
            move(parts);
            var query = ApiPath.Query(
                path, ("dryRun", parsed.GetValue(dryRun) ? "true" : null), ("takeOver", parsed.GetValue(takeOver) ? "true" : null), ("reason", parsed.GetValue(reason)));
            var answer = await session.Client.SendAsync<ApplyAnswer>(HttpMethod.Put, query, JsonContent.Create(resource), revision, cancellation);
            var code = ChangePrinter.Print(session, answer);
            if (!session.Json && !parsed.GetValue(dryRun))
            {
                await session.Output.WriteLineAsync($"back: sluice route weights {route} {before}");
            }

            return code;
        }
    }

    private static void Switch(Dictionary<string, JsonObject> parts, string upstream)
    {
        var taken = Find(parts, upstream);
        var whole = Math.Max(1, parts.Values.Max(WeightOf));
        foreach (var part in parts.Values)
        {
            part["weight"] = ReferenceEquals(part, taken) ? whole : 0;
        }
    }

    private static void Set(Dictionary<string, JsonObject> parts, string[] weights)
    {
        foreach (var written in weights)
        {
            var equals = written.LastIndexOf('=');
            if (equals < 1 || !int.TryParse(written.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var weight) || weight > MostWeight)
            {
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"'{written}' must be UPSTREAM=WEIGHT, with a weight from 0 to {MostWeight}, such as shop-v2=5"));
            }

            Find(parts, written[..equals])["weight"] = weight;
        }
    }

    private static JsonObject Find(Dictionary<string, JsonObject> parts, string upstream) =>
        parts.GetValueOrDefault(upstream) ?? throw new UsageException($"the split has no part '{upstream}'; it has {string.Join(", ", parts.Keys)}. Add the upstream to it first");

    // As resources are read: a part without a weight has 1.
    private static int WeightOf(JsonObject part) => part["weight"]?.GetValue<int>() ?? 1;
}
