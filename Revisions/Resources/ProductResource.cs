using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>A set of models and routes, at least one, that tenants subscribe to, and for which limits and budgets count together.</summary>
/// <param name="Models">Names of <c>Model</c> resources.</param>
/// <param name="Routes">Names of <c>Route</c> resources.</param>
public sealed record ProductResource(string Name, ImmutableArray<string> Models, ImmutableArray<string> Routes) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Product";

    public override string Kind => KindName;

    /// <summary>Who may call what it has.</summary>
    public ProductAccess Access { get; init; }

    /// <summary>Who decides on subscriptions.</summary>
    public ProductApproval Approval { get; init; }
}

/// <summary>Who may call what a product has: <c>open</c> (default), who else may; <c>subscription</c>, tenants with an approved subscription to it or to another product that has it.</summary>
public enum ProductAccess
{
    Open,
    Subscription,
}

/// <summary>Who decides on subscriptions: <c>manual</c> (default), an operator; <c>automatic</c>, nobody: who asks has it.</summary>
public enum ProductApproval
{
    Manual,
    Automatic,
}
