using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Reading;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>What the calls of the last hour are held against: a revision that is kept, or what a change set would make of one. Described in docs/explain.md.</summary>
/// <param name="Revision">The active one when not given; without changes it must be given.</param>
/// <param name="Changes">Resources as for <c>apply</c>, or a text with a bundle.</param>
/// <param name="Prune">As for <c>apply</c>.</param>
public sealed record ReplayBody(long? Revision = null, IReadOnlyList<JsonElement>? Changes = null, bool? Prune = null);

/// <summary>Which of the last hour's calls would have another outcome. No call is made again.</summary>
internal static class ReplayEndpoints
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    public static void Map(RouteGroupBuilder api) => api.MapPost("/replay", ReplayAsync)
        .Declare(AdminRole.Operator, "replay", "Which of the last hour's calls would have another outcome under a candidate or another revision, grouped by what would change.")
        .WithTags("What if").Accepts<ReplayBody>("application/json").Produces<ReplayAnswer>().Refuses(400, 404, 410, 413, 415);

    private static async Task<IResult> ReplayAsync(HttpContext http, IGrainFactory grains, WhatIfRevisions revisions, TimeProvider time)
    {
        var (document, refusal) = await RequestBody.ReadDocumentAsync(http);
        if (refusal is not null)
        {
            return refusal;
        }

        using var body = document!;
        var (ask, errors) = Read(body.RootElement);
        if (ask is null)
        {
            return Problem.InvalidRequest(errors);
        }

        var (candidate, wrong) = await revisions.FindAsync(ask, http.RequestAborted);
        var (active, none) = wrong is null ? await revisions.FindAsync(new WhatIfAsk(null, null, Prune: false), http.RequestAborted) : default;
        if ((wrong ?? none) is { } problem)
        {
            return problem;
        }

        var gathered = await grains.GetGrain<ICallsGrain>(AdminApi.Workspace).GatherAsync();
        var standings = await StandingsAsync(grains, active!.Plan, candidate!.Plan, gathered);
        var result = await Task.Run(() => Replay.Run(active.Plan, candidate.Plan, gathered.Edges.SelectMany(e => e.Calls), standings)).WaitAsync(Bound, time, http.RequestAborted);
        PublishAnswers.SetRevision(http, active.Number);
        return Results.Json(Answer(active, candidate, gathered, result), AdminJson.Options);
    }

    // Of the tenants that called, where subscriptions decide anything.
    private static async Task<Dictionary<string, ImmutableArray<ProductStanding>>> StandingsAsync(IGrainFactory grains, Plan active, Plan candidate, GatheredCalls gathered)
    {
        var standings = new Dictionary<string, ImmutableArray<ProductStanding>>(StringComparer.Ordinal);
        if (!active.Products.HasSubscriptions && !candidate.Products.HasSubscriptions)
        {
            return standings;
        }

        foreach (var some in gathered.Edges.SelectMany(e => e.Calls).Select(c => c.Call.Tenant).OfType<string>().Distinct(StringComparer.Ordinal).Chunk(AtOnce))
        {
            foreach (var (tenant, found) in await Task.WhenAll(some.Select(async t => (t, (await SubscriptionEndpoints.Grain(grains, t).StandingsAsync()).Products))))
            {
                standings.Add(tenant, found);
            }
        }

        return standings;
    }

    private static (WhatIfAsk? Ask, ImmutableArray<FieldError> Errors) Read(JsonElement json)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        if (json.ValueKind is not JsonValueKind.Object)
        {
            return (null, [new FieldError("body", "must be a JSON object")]);
        }

        var fields = new Fields(json, "body: ", errors);
        var ask = WhatIfAsk.Read(fields);
        if (errors.Count == 0 && ask is { Revision: null, Changes: null })
        {
            fields.Wrong("changes", "is missing: name changes, or the revision that the calls are held against");
        }

        fields.Close();
        return errors.Count > 0 ? (null, RequestBody.InBody(errors)) : (ask, []);
    }

    private static ReplayAnswer Answer(WhatIfRevision active, WhatIfRevision candidate, GatheredCalls gathered, ReplayResult result)
    {
        var told = gathered.Edges.Where(e => !e.Sum.IsOff).ToList();
        return new ReplayAnswer(
            active.Number,
            new ReplayCandidate(candidate.Number, candidate.Hash, candidate.Changes?.Length),
            told.Count > 0 ? told.Min(e => e.Sum.Since) : null,
            told.Sum(e => e.Sum.Seen),
            told.Sum(e => e.Calls.Length),
            result.Changed,
            [.. result.Groups.Select(ReplayChange.Of)],
            result.Unknown,
            new ReplayEdges([.. told.Select(e => e.Edge)], [.. gathered.Edges.Where(e => e.Sum.IsOff).Select(e => e.Edge)], gathered.Silent, told.Sum(e => e.Sum.TooLarge)));
    }
}
