using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>What becomes of a request under a revision, and why.</summary>
/// <param name="Revision">The revision; of a candidate the one that it changes.</param>
/// <param name="Hash">Of what was looked at.</param>
/// <param name="Candidate">True: changes were applied that are not published.</param>
/// <param name="Says">The answer in a sentence.</param>
/// <param name="Surface">What serves the path.</param>
/// <param name="Refusal">Why it is refused whatever happens; null: it is not.</param>
/// <param name="Caller">Whom it counts for; null: nobody, and limits of the workspace alone bind.</param>
/// <param name="Route">The route that matches.</param>
/// <param name="Model">The model that is called.</param>
/// <param name="Headers">Which of the request's headers go on.</param>
/// <param name="Limits">The limits that it is counted on, the widest subject first.</param>
/// <param name="Budgets">The budgets that it is counted on, the widest subject first.</param>
/// <param name="Reserved">What is reserved on them before it is sent; of a model's call only.</param>
/// <param name="Candidates">The routes that matching looked at, in its order; then some whose path or host does not fit, the nearest first.</param>
/// <param name="Others">How many more there are whose path or host does not fit.</param>
/// <param name="Canary">The canary under which it is served; null: under none.</param>
public sealed record ExplainAnswer(
    long Revision,
    string Hash,
    bool Candidate,
    string Says,
    Surface Surface,
    PredictedRefusal? Refusal,
    ExplainedCaller? Caller,
    ExplainedRoute? Route,
    ExplainedModel? Model,
    ExplainedHeaders? Headers,
    IReadOnlyList<ExplainedPolicy> Limits,
    IReadOnlyList<ExplainedPolicy> Budgets,
    ExplainedReservation? Reserved,
    IReadOnlyList<ExplainedCandidate> Candidates,
    int Others,
    string? Canary);

/// <summary>Whom a request counts for.</summary>
/// <param name="Key">The id of the key; null: any key of the tenant.</param>
/// <param name="Models">The models that the key may use; empty: all.</param>
public sealed record ExplainedCaller(string Tenant, string? Key, string? User, IReadOnlyList<string> Models);

/// <summary>The route that matches.</summary>
/// <param name="Answer">What it answers by itself, such as <c>301 to https://www.example.com/new</c>; null: a part of the split answers.</param>
/// <param name="Changes">What it changes in the request and in the answer, in words.</param>
/// <param name="Stage">Where in its life it is.</param>
/// <param name="Products">The products of which one must be subscribed to; empty: none.</param>
public sealed record ExplainedRoute(string Name, RouteAccess Access, ExplainedSplit Split, string? Answer, IReadOnlyList<string> Changes, Stage Stage, IReadOnlyList<string> Products);

/// <summary>Which part of a route's split takes the request.</summary>
/// <param name="By">How it is chosen.</param>
/// <param name="Key">What keeps a user on one part, such as <c>header x-user-id</c>; null where nothing does.</param>
/// <param name="Value">The request's value of it; null: it has none, and is decided by chance.</param>
/// <param name="Point">Where the value's hash lies, from 0 to below 1: the part in whose share it lies takes the request.</param>
/// <param name="Part">The upstream that takes it; null: decided by chance.</param>
public sealed record ExplainedSplit(SplitBy By, string? Key, string? Value, double? Point, string? Part, IReadOnlyList<ExplainedPart> Parts);

/// <summary>How a part of a split is chosen.</summary>
public enum SplitBy
{
    /// <summary>There is only one.</summary>
    Single,

    /// <summary>By a hash of the request's value.</summary>
    Sticky,

    /// <summary>By chance, in proportion to the weights.</summary>
    Chance,
}

/// <summary>A part of a split.</summary>
/// <param name="From">Where its share begins, from 0 to 1.</param>
/// <param name="Share">From 0 to 1.</param>
public sealed record ExplainedPart(string Upstream, int Weight, double From, double Share, IReadOnlyList<string> Addresses);

/// <summary>The model that is called.</summary>
/// <param name="Targets">In the order in which they are tried; those with share 0 are not asked.</param>
/// <param name="MaxOutputTokens">The cap of an answer where the request has none.</param>
/// <param name="Price">In words; null: no money is counted.</param>
/// <param name="Edits">What is changed in the request's body.</param>
/// <param name="Stage">Where in its life it is.</param>
/// <param name="Products">The products of which one must be subscribed to; empty: none.</param>
/// <param name="Cache">What keeps its answers, in words; null: nothing does.</param>
/// <param name="Says">Why the targets have their shares, where it is more than weights or priorities.</param>
/// <param name="Silent">Live edges that did not tell in time what they have measured; null: that was not asked for.</param>
public sealed record ExplainedModel(
    string Name, TargetStrategy Strategy, IReadOnlyList<ExplainedTarget> Targets, int MaxOutputTokens, int? ContextTokens, string? Price, IReadOnlyList<string> Edits,
    Stage Stage, IReadOnlyList<string> Products, string? Cache = null, string? Says = null, IReadOnlyList<string>? Silent = null);

/// <summary>A target of a model.</summary>
/// <param name="Model">As the provider calls it.</param>
/// <param name="Address">The provider's; null: it is inside the edge.</param>
/// <param name="Share">Of the requests, from 0 to 1, as far as the request and the revision decide it.</param>
/// <param name="Credentials">The names of what it is called with, such as <c>secret openai-key</c>; never a value.</param>
/// <param name="Price">In words.</param>
/// <param name="Cost">The most that this request can cost with it, such as <c>0.0012 USD</c>; null: it has no price, or not enough of the request is known.</param>
/// <param name="Measured">What edges have measured of it; null: that was not asked for.</param>
public sealed record ExplainedTarget(
    string Provider, ProviderDialect Dialect, string Model, string? Address, int Weight, int Priority, double Share, IReadOnlyList<string> Credentials, string? Price = null, string? Cost = null,
    MeasuredTarget? Measured = null);

/// <summary>Which headers a service or provider is sent.</summary>
/// <param name="Passed">Those of the request that go on as they are.</param>
/// <param name="Withheld">Those of the request that do not.</param>
/// <param name="Added">Those that the edge adds.</param>
public sealed record ExplainedHeaders(IReadOnlyList<string> Passed, IReadOnlyList<string> Withheld, IReadOnlyList<string> Added);

/// <summary>A limit or budget that binds.</summary>
/// <param name="Subject">For whom it is counted, such as <c>tenant/acme</c>.</param>
/// <param name="Says">What it allows, in words.</param>
public sealed record ExplainedPolicy(string Name, string Subject, string Says);

/// <summary>What is reserved for a model's call.</summary>
/// <param name="InputTokens">The most that its input can have; null without <c>bodyBytes</c>.</param>
/// <param name="OutputTokens">The most that its answer can have.</param>
/// <param name="Cost">The most that it can cost, such as <c>0.0012 USD</c>; null without <c>bodyBytes</c> or without a price.</param>
public sealed record ExplainedReservation(long? InputTokens, long OutputTokens, string? Cost);

/// <summary>One route, and what matching makes of it.</summary>
/// <param name="Missed">The conditions that the request does not fulfil.</param>
public sealed record ExplainedCandidate(string Route, CandidateVerdict Verdict, IReadOnlyList<MissedCondition> Missed);
