using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Identity.Tokens;

/// <summary>The keys of one issuer as this edge knows them. They are asked for anew every five minutes, and for a key that is not among them, three times and then once in ten seconds; what was known serves on while they cannot be had.</summary>
internal sealed class IssuerKeys(IssuerResource issuer, IssuerFetch fetch, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private const int MostAtOnce = 3;
    private readonly Lock _gate = new();
    private IReadOnlyList<SecurityKey>? _keys;
    private Task<bool>? _asking;
    private TimeSpan _spent;
    private long _gotAt;

    /// <summary>Replaced whole, so that whoever checked a token by it knows when to check it again; null: not known yet.</summary>
    public IReadOnlyList<SecurityKey>? Current => Volatile.Read(ref _keys);

    /// <summary>Whether it is time to ask again.</summary>
    public bool IsDue => Current is null || time.GetElapsedTime(Volatile.Read(ref _gotAt)) >= RefreshAfter;

    /// <summary>Asks, once for all who wait. False: not now, since it was asked a moment ago, or the keys could not be had.</summary>
    public Task<bool> AskAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_asking is not { IsCompleted: false })
            {
                // Tokens with keys that nobody has must not make the edge a flood for the issuer.
                var now = time.GetElapsedTime(0);
                var spent = (_spent > now ? _spent : now) + RetryAfter;
                if (spent - now > RetryAfter * MostAtOnce)
                {
                    return Task.FromResult(false);
                }

                _spent = spent;
                _asking = FetchAsync(cancellation);
            }

            return _asking;
        }
    }

    private async Task<bool> FetchAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        try
        {
            var keys = await fetch.KeysOfAsync(issuer, cancellation);
            Volatile.Write(ref _gotAt, time.GetTimestamp());

            // The same keys leave what was checked by them as it is.
            if (Current is not { } known || !known.Select(Print).SequenceEqual(keys.Select(Print), StringComparer.Ordinal))
            {
                Volatile.Write(ref _keys, keys);
                log.LogInformation("Issuer {Issuer}: {Count} keys", issuer.Name, keys.Count);
            }

            return true;
        }
        catch (IssuerException failure)
        {
            log.LogWarning("Issuer {Issuer}: {Reason}{Consequence}", issuer.Name, failure.Message, Current is null ? "; its tokens cannot be checked" : "; the keys that are known serve on");
        }
        catch (OperationCanceledException)
        {
            // The edge ends.
        }

        return false;
    }

    private static string Print(SecurityKey key) => $"{key.KeyId} {(key.CanComputeJwkThumbprint() ? Base64UrlEncoder.Encode(key.ComputeJwkThumbprint()) : "")}";
}
