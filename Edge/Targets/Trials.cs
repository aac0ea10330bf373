using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Edge.Targets;

/// <summary>Begins the attempts of requests for models that have a choice.</summary>
internal sealed class Trials(TargetTable table)
{
    // What an image costs by common rules, where nobody counts it exactly.
    private const long TokensOfImage = 1_000;

    /// <summary>Whether there is anything to choose: of others nothing is kept.</summary>
    public static bool AreNeeded(EdgeRevision revision, in MatchedModel matched) =>
        matched.Model.Targets.Length > 1 || (matched.Target.Provider.Credentials.Length > 1 && revision.Credentials.ContainsKey(matched.Target.Provider.Name));

    /// <summary>Begins; or tells why no target can be asked.</summary>
    public ClientError? Begin(in Arrival arrival, Caller caller, in ScannedRequest request, in MatchedModel matched, out Trial? trial)
    {
        trial = null;
        var model = matched.Model;
        var eligible = EligibleFor(request, matched);
        if (model.Declares && request.Operation is ModelOperation.Chat)
        {
            var asked = AskedFeatures.Read(request.Body.Span, request.Scan.Input.Images + (request.Scan.Input.UnboundPlace is null ? 0 : 1));
            var tokens = asked.Tokens + (request.Scan.Input.Images * TokensOfImage) + (request.Scan.MaxTokens ?? 0);
            if (Fitting(model, asked.Features, tokens) is var fitting && (eligible & fitting) == 0)
            {
                return Unfit(model, eligible, asked.Features, tokens);
            }

            eligible &= fitting;
        }

        var costs = model.Resource.Strategy is TargetStrategy.Cheapest ? CostsOf(caller, request, model) : null;
        trial = new Trial(table, arrival.Revision, model, eligible, new ChoiceBasis(matched.Draw, StickyValueOf(arrival, caller, model), costs, request.Scan.Stream, default));
        return null;
    }

    /// <summary>Begins for a realtime connection, which only providers of OpenAI's dialect take; null: no target does.</summary>
    public Trial? BeginRealtime(in Arrival arrival, Caller caller, in MatchedModel matched)
    {
        var model = matched.Model;
        var eligible = 0UL;
        for (var i = 0; i < model.Targets.Length && !matched.IsShaped; i++)
        {
            eligible |= model.Targets[i].Provider.Dialect is ProviderDialect.Openai && HasShare(model, i) ? 1UL << i : 0;
        }

        var costs = model.Resource.Strategy is TargetStrategy.Cheapest ? CostsOf(caller, model, model.Resource.ContextTokens ?? 0, model.Resource.MaxOutputTokens, TokenKinds.All) : null;
        return eligible == 0 ? null : new Trial(table, arrival.Revision, model, eligible, new ChoiceBasis(matched.Draw, StickyValueOf(arrival, caller, model), costs, IsStream: true, default));
    }

    // Those that have a share, understand the name, and can do what is asked for at all; where none can, the first one says why.
    private static ulong EligibleFor(in ScannedRequest request, in MatchedModel matched)
    {
        var (all, able) = (0UL, 0UL);
        var model = matched.Model;
        for (var i = 0; i < model.Targets.Length; i++)
        {
            var target = model.Targets[i];
            if (!HasShare(model, i) || (matched.IsShaped && target.Provider.Dialect is not ProviderDialect.Sandbox))
            {
                continue;
            }

            all |= 1UL << i;
            able |= PassedCalls.MayGoTo(target, request.Operation) ? 1UL << i : 0;
        }

        return able != 0 ? able : all;
    }

    private static bool HasShare(CompiledModel model, int index) => model.Resource.Strategy is not (TargetStrategy.Weighted or TargetStrategy.Sticky) || model.Targets[index].Target.Weight > 0;

    private static ulong Fitting(CompiledModel model, ModelFeatures asked, long tokens)
    {
        var fitting = 0UL;
        for (var i = 0; i < model.Targets.Length; i++)
        {
            var target = model.Targets[i].Target;
            fitting |= (asked & ~target.Supports) is ModelFeatures.None && !(tokens > target.ContextTokens) ? 1UL << i : 0;
        }

        return fitting;
    }

    private static ClientError Unfit(CompiledModel model, ulong eligible, ModelFeatures asked, long tokens)
    {
        var lacking = new List<string>();
        foreach (var (feature, name) in new[] { (ModelFeatures.Tools, "tools"), (ModelFeatures.Vision, "images"), (ModelFeatures.JsonSchema, "an answer by a JSON schema") })
        {
            if (asked.HasFlag(feature) && (Fitting(model, feature, 0) & eligible) == 0)
            {
                lacking.Add(name);
            }
        }

        var what = lacking.Count > 0 ? string.Join(" and ", lacking)
            : (Fitting(model, ModelFeatures.None, tokens) & eligible) == 0 ? "as many tokens as this request has"
            : "all that this request asks for at once";
        return new ClientError(400, $"No target of the model '{model.Resource.Name}' takes {what}.", "invalid_request", "model");
    }

    private static string? StickyValueOf(in Arrival arrival, Caller caller, CompiledModel model)
    {
        var header = TargetOdds.StickyHeaderOf(model) is { } name && arrival.Http.Request.Headers[name] is [{ } first, ..] ? first : null;
        return TargetOdds.StickyValueOf(model, caller.Identity.User, caller.Identity.KeyId, header);
    }

    private long[] CostsOf(Caller caller, in ScannedRequest request, CompiledModel model)
    {
        ref readonly var scan = ref request.Scan;
        var input = TokenBounds.OfText(request.Body.Length - scan.Input.FileExcess) + (scan.Input.Images * TokensOfImage);
        var output = request.Operation is ModelOperation.Chat ? TokenBounds.Output(model.Resource, scan.MaxTokens, scan.Answers) : PassedCalls.OutputBound(request.Operation, model.Resource, scan);
        return CostsOf(caller, model, input, output, scan.Kinds, scan.Units);
    }

    private long[] CostsOf(Caller caller, CompiledModel model, long input, long output, TokenKinds kinds, UnitCounts? units = null)
    {
        var now = table.Time.GetUtcNow();
        var costs = new long[model.Targets.Length];
        for (var i = 0; i < costs.Length; i++)
        {
            costs[i] = model.Targets[i].WorstCost(now, caller.Identity.Tenant, input, output, kinds, units) ?? long.MaxValue;
        }

        return costs;
    }
}
