using System.Globalization;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>Writes what becomes of a described request for a model: which targets are asked, what each would cost, and what is reserved. Plain code: it asks nobody.</summary>
internal static class ModelExplanation
{
    /// <summary>The model with its targets.</summary>
    public static ExplainedModel Of(CompiledModel model, Prediction found, Explained asked, DescribedCaller? caller, DateTimeOffset now)
    {
        var declared = model.Resource;
        var tenant = caller?.Tenant;
        var bounds = asked.Use.BoundsOf(declared, found.Surface);
        long? CostOf(CompiledTarget target) => bounds.CostOf(target, now, tenant);
        var header = TargetOdds.StickyHeaderOf(model) is { } name ? asked.Request.AsRoutable.Header(name) : null;
        var sticky = TargetOdds.StickyValueOf(model, caller?.User, caller?.KeyId, header);
        var shares = TargetOdds.Of(model, t => Takes(t, found), model.Targets.Any(t => CostOf(t) is not null) ? CostOf : null, sticky);
        return new ExplainedModel(
            declared.Name,
            declared.Strategy,
            [.. model.Targets.Zip(shares)
                .OrderBy(t => declared.Strategy is TargetStrategy.Priority ? t.First.Target.Priority : 0)
                .Select(t => new ExplainedTarget(
                    t.First.Provider.Name,
                    t.First.Provider.Dialect,
                    t.First.Target.Model,
                    t.First.Provider.Address?.AbsoluteUri,
                    t.First.Target.Weight,
                    t.First.Target.Priority,
                    t.Second,
                    [.. t.First.Provider.Credentials.Select(c => c.Secret is { } secret ? $"secret {secret}" : $"env {c.Env}")],
                    PriceOf(t.First, tenant, now),
                    CostOf(t.First) is { } nano ? PolicyText.Amount(nano, BudgetUnit.Money) : null))],
            declared.MaxOutputTokens,
            declared.ContextTokens,
            PriceText(model, tenant, now),
            [.. EditsOf(model, found, asked)],
            declared.Lifecycle.Stage,
            model.Offer?.Products ?? [],
            model.Cache is { } cache && (Surfaces.Answers(found.Surface) || found.Surface is Surface.Embeddings) ? PolicyText.Of(cache) : null,
            SaysOf(model, sticky, bounds));
    }

    /// <summary>What is reserved for it.</summary>
    public static ExplainedReservation Reserve(CompiledModel model, Surface surface, Explained asked, string? tenant, DateTimeOffset now)
    {
        var bounds = asked.Use.BoundsOf(model.Resource, surface);
        var dearest = model.Choices.Where(c => c.Share > 0).Max(c => bounds.CostOf(c.Target, now, tenant));
        return new ExplainedReservation(bounds.Input, bounds.Output, dearest is { } nano ? PolicyText.Amount(nano, BudgetUnit.Money) : null);
    }

    private static bool Takes(CompiledTarget target, Prediction found) =>
        (!found.IsShaped || target.Provider.Dialect is ProviderDialect.Sandbox)
        && (target.Provider.Dialect is ProviderDialect.Openai || !(Surfaces.PassesThrough(found.Surface) || found.Surface is Surface.Realtime));

    private static IEnumerable<string> EditsOf(CompiledModel model, Prediction found, Explained asked)
    {
        if (!found.IsShaped)
        {
            yield return "model: the target's name for it";
        }

        if (found.Surface is Surface.Chat && asked.Stream)
        {
            yield return "stream_options.include_usage: true, where the caller does not ask for it; it is then taken out of the answer";
        }

        if (Surfaces.Answers(found.Surface) && asked.Use.MaxTokens is null && found.Policies.BindsTokens)
        {
            var field = found.Surface is Surface.Responses ? "max_output_tokens" : found.Surface is Surface.GenerateContent ? "generationConfig.maxOutputTokens" : "max_tokens";
            yield return string.Create(CultureInfo.InvariantCulture, $"{field}: {model.Resource.MaxOutputTokens}, for a limit or budget of tokens or money binds the caller");
        }
    }

    // Why the shares are as they are, where it is not their weights or priorities alone.
    private static string? SaysOf(CompiledModel model, string? sticky, in UseBounds bounds) => (model.Targets.Length, model.Resource.Strategy) switch
    {
        (1, _) => null,
        (_, TargetStrategy.Cheapest) => !bounds.IsKnown
            ? "which target is the cheapest depends on the request: say how long its body is (bodyBytes), or what it has of what is priced by unit"
            : "the target for which this request can cost least; of images in it nothing is known here",
        (_, TargetStrategy.Sticky) => sticky is null ? "the request has nothing that keeps it on a target, so chance decides" : "the target that is nearest to the caller by a hash, the same one on every edge",
        (_, TargetStrategy.LeastLatency) => "each edge asks the one whose answers began soonest of late, times what is under way and one: the measures of edges tell which",
        (_, TargetStrategy.LeastUsed) => "each edge asks the one with most left of the rates that its provider tells, then the one with least under way: the measures of edges tell which",
        _ => null,
    };

    private static string PriceOf(CompiledTarget target, string? tenant, DateTimeOffset now) =>
        target.Prices is { } prices ? $"{PolicyText.Of(prices.At(now), prices.MarkUpOf(tenant))} ({prices.Table})" : PolicyText.Of(price: null);

    private static string? PriceText(CompiledModel model, string? tenant, DateTimeOffset now)
    {
        var texts = model.Choices.Where(c => c.Share > 0).Select(c => PriceOf(c.Target, tenant, now)).Distinct(StringComparer.Ordinal).ToList();
        return model.Targets.All(t => t.Prices is null) ? null : string.Join("; or ", texts);
    }
}
