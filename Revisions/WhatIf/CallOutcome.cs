using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.WhatIf;

/// <summary>What a revision makes of a kept call, in words that can be compared.</summary>
/// <param name="Refusal">Status and code where it is refused whatever happens; else null.</param>
/// <param name="Place">The route or model, such as <c>route checkout</c>; null where it is refused, or models are listed.</param>
/// <param name="Part">The part of the route's split or the model's target that takes it; null where there is none.</param>
/// <param name="Addresses">Where that is.</param>
/// <param name="Limits">The limits that it is counted on.</param>
/// <param name="Budgets">The budgets that it is counted on.</param>
/// <param name="Price">The target's at the time of the call; null: none.</param>
/// <param name="MarkUp">What is added to it, in parts per million.</param>
internal sealed record CallOutcome(
    string? Refusal, string? Place, string? Part, string? Addresses, ImmutableArray<string> Limits, ImmutableArray<string> Budgets, Price? Price, int MarkUp)
{
    /// <summary>Follows a call through a revision. A part or target that was drawn is drawn by the same number again.</summary>
    public static CallOutcome Of(Plan plan, CallRecord call, IReadOnlyDictionary<string, ImmutableArray<ProductStanding>> standings, ISet<string> missing)
    {
        var caller = call.Tenant is { } tenant ? new DescribedCaller(tenant, call.KeyId, call.User, call.Models, Products: standings.GetValueOrDefault(tenant)) : null;
        var found = Prediction.Of(plan.For(call.Tenant, call.KeyId, call.User), new RecordedRequest(call, missing), call.Model, caller);
        if (found.Refusal is { } refusal)
        {
            if (refusal.Status == 401 && call.KeyUnread)
            {
                missing.Add("the caller's key");
            }

            return Refused(refusal);
        }

        var target = found.Model is { } model ? TargetOf(model, found, call, missing) : null;
        var prices = target?.Prices;
        var (part, addresses) = found.Route is { } route ? PartOf(route, found, call)
            : target is not null ? (target.Label, target.Provider.Address?.AbsoluteUri ?? "")
            : (null, null);
        return part is null && found.Model is not null
            ? Refused(PredictedRefusal.NoModel(call.Model ?? "", new ModelFinding(found.Model, IsShaped: true, IsKnown: true)))
            : new CallOutcome(
                null,
                found.Route is { } matched ? $"route {matched.Resource.Name}" : found.Model is { } called ? $"model {called.Resource.Name}" : null,
                part,
                addresses,
                [.. found.Policies.Limits.Select(l => $"{l.Resource.Name} of {l.Subject}: {PolicyText.Of(l.Resource)}")],
                [.. found.Policies.Budgets.Select(b => $"{b.Resource.Name} of {b.Subject}: {PolicyText.Of(b.Resource)}")],
                prices?.At(call.At),
                prices?.MarkUpOf(call.Tenant) ?? 0);
    }

    private static CallOutcome Refused(PredictedRefusal refusal) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{refusal.Status} {refusal.Code}"), null, null, null, [], [], null, 0);

    private static (string? Part, string? Addresses) PartOf(CompiledRoute route, Prediction found, CallRecord call)
    {
        if (route.Answers)
        {
            return (null, null);
        }

        var upstream = route.Parts.Length == 1 ? route.Parts[0] : route.Parts[route.Choose(found.StickyValue is { } value ? route.ChanceOf(value) : DrawOf(call))];
        return (upstream.Name, string.Join(", ", upstream.Places));
    }

    private static CompiledTarget? TargetOf(CompiledModel model, Prediction found, CallRecord call, ISet<string> missing)
    {
        bool Takes(CompiledTarget target) => !found.IsShaped || target.Provider.Dialect is ProviderDialect.Sandbox;
        if (model.Resource.Strategy is TargetStrategy.LeastLatency or TargetStrategy.LeastUsed
            && model.Targets.FirstOrDefault(t => string.Equals(t.Label, call.Target, StringComparison.Ordinal) && Takes(t)) is { } same)
        {
            // Edges choose by what they see: nobody can say that it would be another one.
            return same;
        }

        var header = TargetOdds.StickyHeaderOf(model) is { } name ? new RecordedRequest(call, missing).Header(name) : null;
        var sticky = TargetOdds.StickyValueOf(model, call.User, call.KeyId, header) ?? DrawOf(call).ToString(CultureInfo.InvariantCulture);
        var odds = TargetOdds.Of(model, Takes, t => CostOf(t, call), sticky);
        var decided = model.Resource.Strategy is TargetStrategy.Sticky or TargetStrategy.Cheapest ? odds.IndexOf(1) : -1;
        var target = decided >= 0 ? model.Targets[decided] : model.Choose(DrawOf(call));
        return Takes(target) ? target : null;
    }

    // By what it used, for what it could have used is not kept.
    private static long? CostOf(CompiledTarget target, CallRecord call) =>
        target.Prices is { } prices ? Costs.Of(prices.At(call.At), call.Tokens, prices.MarkUpOf(call.Tenant), units: call.Units) : null;

    // Where nothing was drawn there was nothing to choose: now that there is, any number will do that is the same each time.
    private static double DrawOf(CallRecord call) => call.Draw
        ?? (XxHash3.HashToUInt64(MemoryMarshal.AsBytes(call.Path.AsSpan()), call.At.UtcTicks) >> 11) * (1.0 / (1UL << 53));
}
