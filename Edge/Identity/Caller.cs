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

    /// <summary>What something is to this caller; null: it is offered to everybody.</summary>
    public OfferTo Stands(Offer? offer) => offer?.To(identity.Tenant, identity.Products) ?? OfferTo.Served;

    /// <summary>Whether the caller may call a model, now and by any key restriction.</summary>
    public bool MayCall(CompiledModel model) => MayUse(model.Resource.Name) && Stands(model.Offer) is OfferTo.Served;

    /// <summary>Whether the caller may call a prompt, in the version that it is answered by.</summary>
    public bool MayCall(Plan plan, CompiledPrompt prompt) => MayUse(prompt.Resource.ModelName)
        && (!plan.Models.TryGetValue(prompt.Choose(identity.User ?? identity.KeyId).Model, out var model) || Stands(model.Offer) is OfferTo.Served);

    public override string ToString() => $"{identity.Tenant}/{identity.KeyId}";
}
