using Sluice.Edge.Metrics;

namespace Sluice.Edge.Configuration;

/// <summary>
/// How often this edge used the secrets that providers' credentials are, by the names of secret and provider. Kept over revisions, as long as one has them; of values it knows nothing.
/// </summary>
public sealed class SecretUses
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Secret, string Provider), WeakReference<SecretUse>> _known = [];

    /// <summary>The count of a secret as the credential of a provider; it lives with the credentials that hold it.</summary>
    public SecretUse Of(string secret, string provider)
    {
        lock (_gate)
        {
            if (_known.TryGetValue((secret, provider), out var known) && known.TryGetTarget(out var use))
            {
                return use;
            }

            foreach (var (gone, reference) in _known)
            {
                if (!reference.TryGetTarget(out _))
                {
                    _known.Remove(gone);
                }
            }

            use = new SecretUse(secret, provider);
            _known[(secret, provider)] = new WeakReference<SecretUse>(use);
            return use;
        }
    }
}

/// <summary>How often a secret was used. Counted on a request's way: each core counts for itself, without a lock or an allocation.</summary>
/// <param name="secret">Its name.</param>
/// <param name="provider">Whose credential it is.</param>
public sealed class SecretUse(string secret, string provider)
{
    private readonly StripedCounts _counts = new();

    /// <summary>The secret's name.</summary>
    public string Secret { get; } = secret;

    /// <summary>The provider's name.</summary>
    public string Provider { get; } = provider;

    /// <summary>How often so far.</summary>
    public long Total => _counts.Sum(0);

    /// <summary>It is used once.</summary>
    public void Count() => _counts.Add(0, 1);
}
