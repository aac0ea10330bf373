using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Edge.Identity;

/// <summary>A key that was identified, and when its grain was last asked.</summary>
internal sealed class KnownKey(KeyDigest digest, Caller caller, long askedAt) : IUsed
{
    private Caller _caller = caller;
    private long _askedAt = askedAt;
    private bool _isUsed;

    public KeyDigest Digest => digest;

    public Caller Caller => Volatile.Read(ref _caller);

    /// <summary>A timestamp from before the grain was asked, or a refresh began.</summary>
    public long AskedAt => Volatile.Read(ref _askedAt);

    public bool IsUsed
    {
        get => Volatile.Read(ref _isUsed);
        set => Volatile.Write(ref _isUsed, value);
    }

    /// <summary>Was used. Written only where it changes, so that the line stays shared between processors.</summary>
    public void Touch()
    {
        if (!IsUsed)
        {
            IsUsed = true;
        }
    }

    /// <summary>True for one of those who see that the answer is old; the others go on with it.</summary>
    public bool TryBeginRefresh(long now)
    {
        var seen = AskedAt;
        return Interlocked.CompareExchange(ref _askedAt, now, seen) == seen;
    }

    /// <summary>The grain answered again. The same answer keeps what was worked out for the caller.</summary>
    public void Confirm(KeyIdentity identity, long asked)
    {
        var before = Caller.Identity;
        if (before with { Models = identity.Models, Products = identity.Products, Scopes = identity.Scopes, Addresses = identity.Addresses } != identity
            || !before.Models.AsSpan().SequenceEqual(identity.Models.AsSpan())
            || !before.Products.AsSpan().SequenceEqual(identity.Products.AsSpan())
            || !before.Scopes.AsSpan().SequenceEqual(identity.Scopes.AsSpan())
            || !before.Addresses.AsSpan().SequenceEqual(identity.Addresses.AsSpan()))
        {
            Volatile.Write(ref _caller, new Caller(identity));
        }

        Volatile.Write(ref _askedAt, asked);
    }
}
