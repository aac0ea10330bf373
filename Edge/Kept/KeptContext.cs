namespace Sluice.Edge.Kept;

/// <summary>What a request for a model has to do with what providers keep.</summary>
/// <param name="Ids">By which its tenant is told of it.</param>
internal sealed record KeptContext(TenantIds Ids)
{
    /// <summary>The only provider that can serve it, for it names what that one keeps; null: any can.</summary>
    public string? Keeper { get; init; }

    /// <summary>The response that it goes on from; null: none.</summary>
    public KeptName? Previous { get; init; }
}

/// <summary>The two names of something that is kept.</summary>
/// <param name="Place">The provider's.</param>
/// <param name="Told">The tenant's.</param>
internal sealed record KeptName(string Place, string Told);
