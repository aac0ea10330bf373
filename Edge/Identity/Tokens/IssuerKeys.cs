using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Identity.Tokens;

/// <summary>The keys of one issuer as this edge knows them. They are asked for anew every five minutes, and for a key that is not among them, three times and then once in ten seconds; what was known serves on while they cannot be had.</summary>
internal sealed class IssuerKeys
{
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(5);
    private readonly IssuerResource _issuer;
    private readonly IssuerFetch _fetch;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SharedAsk _ask;
    private IReadOnlyList<SecurityKey>? _keys;
    private long _gotAt;

    public IssuerKeys(IssuerResource issuer, IssuerFetch fetch, TimeProvider time, ILogger log)
    {
        (_issuer, _fetch, _time, _log) = (issuer, fetch, time, log);
        _ask = new SharedAsk(FetchAsync, time);
    }

    /// <summary>Replaced whole, so that whoever checked a token by it knows when to check it again; null: not known yet.</summary>
    public IReadOnlyList<SecurityKey>? Current => Volatile.Read(ref _keys);

    /// <summary>Whether it is time to ask again.</summary>
    public bool IsDue => Current is null || _time.GetElapsedTime(Volatile.Read(ref _gotAt)) >= RefreshAfter;

    /// <summary>Asks, once for all who wait. False: not now, since it was asked a moment ago, or the keys could not be had.</summary>
    public Task<bool> AskAsync(CancellationToken cancellation) => _ask.AskAsync(cancellation);

    private async Task<bool> FetchAsync(CancellationToken cancellation)
    {
        try
        {
            var keys = await _fetch.KeysOfAsync(_issuer, cancellation);
            Volatile.Write(ref _gotAt, _time.GetTimestamp());

            // The same keys leave what was checked by them as it is.
            if (Current is not { } known || !known.Select(Print).SequenceEqual(keys.Select(Print), StringComparer.Ordinal))
            {
                Volatile.Write(ref _keys, keys);
                _log.LogInformation("Issuer {Issuer}: {Count} keys", _issuer.Name, keys.Count);
            }

            return true;
        }
        catch (IssuerException failure)
        {
            _log.LogWarning("Issuer {Issuer}: {Reason}{Consequence}", _issuer.Name, failure.Message, Current is null ? "; its tokens cannot be checked" : "; the keys that are known serve on");
        }
        catch (OperationCanceledException)
        {
            // The edge ends.
        }

        return false;
    }

    private static string Print(SecurityKey key) => $"{key.KeyId} {(key.CanComputeJwkThumbprint() ? Base64UrlEncoder.Encode(key.ComputeJwkThumbprint()) : "")}";
}
