using System.Collections.Immutable;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Identity;

/// <summary>A known client and what binds it under one revision.</summary>
public sealed class Caller(KeyIdentity identity)
{
    private Levels? _levels;

    /// <summary>As the key's grain told it.</summary>
    public KeyIdentity Identity => identity;

    /// <summary>From where the key may be used; null: from anywhere.</summary>
    internal AddressList? Addresses { get; } = identity.Addresses.IsDefaultOrEmpty ? null : AddressList.Of(identity.Addresses);

    /// <summary>Whether it has all of these scopes.</summary>
    public bool Has(ImmutableArray<string> scopes)
    {
        foreach (var scope in scopes)
        {
            if (!identity.Scopes.AsSpan().Contains(scope))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The limits and budgets that bind this caller, for the last revision that asked; replaced whole, never changed.</summary>
    internal Levels? Levels
    {
        get => Volatile.Read(ref _levels);
        set => Volatile.Write(ref _levels, value);
    }

    /// <summary>Whether the key may use a model.</summary>
    public bool MayUse(ReadOnlySpan<char> model) => ModelNames.MayUse(identity.Models, model);

    public override string ToString() => $"{identity.Tenant}/{identity.KeyId}";
}
