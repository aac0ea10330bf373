namespace Sluice.Edge.Configuration;

/// <summary>Holds the revision that new requests begin with: one reference, swapped atomically and only for a greater (term, revision).</summary>
public sealed class ActiveRevision
{
    /// <summary>The revision; before the first activation null: the edge is not ready.</summary>
    public EdgeRevision? Current => throw new NotSupportedException();

    /// <summary>Activates; false where an equal or greater one is active.</summary>
    public bool TryActivate(EdgeRevision next) => throw new NotSupportedException();
}
