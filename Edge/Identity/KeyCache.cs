using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Edge.Identity;

/// <summary>Who clients are, by their keys. The usual way makes no call; a key met for the first time asks its grain, once for all that wait.</summary>
public sealed class KeyCache
{
    /// <summary>Whom the key stands for, or null: unknown, revoked, expired or suspended, all alike.</summary>
    /// <exception cref="SiloUnreachableException">The key is not known here and no silo answered in time: fail closed with 503.</exception>
    public ValueTask<Caller?> IdentifyAsync(ReadOnlyMemory<char> key, CancellationToken cancellation) => throw new NotSupportedException();
}

/// <summary>A known client and what binds it under one revision.</summary>
public sealed class Caller(KeyIdentity identity)
{
    /// <summary>As the key's grain told it.</summary>
    public KeyIdentity Identity => identity;

    /// <summary>Whether the key may use a model.</summary>
    public bool MayUse(ReadOnlySpan<char> model) => throw new NotSupportedException();
}

/// <summary>No silo answered within the bound.</summary>
public sealed class SiloUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
