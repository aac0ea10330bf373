using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Finds the limits and budgets that bind a caller. Built once per revision; edges cache the answer by key.</summary>
public sealed class PolicyTable
{
    /// <summary>Nothing binds anyone.</summary>
    public static PolicyTable Empty { get; } = new();

    /// <summary>All that bind the caller, the widest subject first. <paramref name="tenant"/> null: an anonymous caller, whom only <c>workspace</c> subjects bind.</summary>
    public BoundPolicies For(string? tenant, string? keyId, string? user) => throw new NotSupportedException();
}

/// <summary>What binds one caller.</summary>
public sealed record BoundPolicies(ImmutableArray<Bound<LimitResource>> Limits, ImmutableArray<Bound<BudgetResource>> Budgets)
{
    /// <summary>Nothing.</summary>
    public static BoundPolicies None { get; } = new([], []);
}

/// <summary>A policy and the subject it was resolved to, for example <c>tenant/acme</c> from <c>tenant/*</c>: together the grain's key.</summary>
public sealed record Bound<T>(T Resource, string Subject)
    where T : Resource;
