using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice cache</c></summary>
internal static class CacheCommand
{
    public static Command Define()
    {
        var name = new Argument<string>("cache") { Description = "The cache's name." };
        var tenant = new Option<string?>("--tenant") { Description = "Only what is kept for this tenant." };
        var route = new Option<string?>("--route") { Description = "Only answers of this route." };
        var path = new Option<string?>("--path") { Description = "Only answers at this path, or at all that begin so where it ends in *." };
        var model = new Option<string?>("--model") { Description = "Only answers of this model." };
        return new Command("cache", "Have edges forget kept answers.")
        {
            AdminSession.Define(
                "purge",
                "Forget what a cache keeps, on every edge; done when this returns.",
                async (session, parsed, cancellation) =>
                {
                    var body = new CachePurgeBody(parsed.GetValue(tenant), parsed.GetValue(route), parsed.GetValue(path), parsed.GetValue(model));
                    var answer = await session.Client.PostAsync<CachePurgeAnswer>(ApiPath.Join("caches", parsed.GetRequiredValue(name), "purge"), body, cancellation);
                    return session.Write(
                        answer,
                        ["BARRIER", "EDGES", "LAPSED"],
                        [[answer.Barrier.ToString().ToLowerInvariant(), answer.Edges.Activated.ToString(CultureInfo.InvariantCulture), string.Join(", ", answer.Edges.Lapsed)]]);
                },
                name,
                tenant,
                route,
                path,
                model),
        };
    }
}
