using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Sluice.Edge.Access;

/// <summary>The access tokens of the service accounts whose keys are credentials of providers: in memory only, kept over revisions that leave a key as it is.</summary>
internal sealed class AccessTokens(TokenExchange exchange, TimeProvider time, ILogger<AccessTokens> log) : IDisposable
{
    private readonly ConcurrentDictionary<string, AccessToken> _known = new(new KeyComparer());
    private readonly CancellationTokenSource _end = new();

    /// <summary>The access token of an account.</summary>
    /// <param name="credential">Its key, as <see cref="ServiceAccountKey.IsMeant"/> knows it.</param>
    /// <param name="cancellation">Ends the wait of this one.</param>
    /// <exception cref="AccessRefusedException">There is none, and why.</exception>
    public ValueTask<string> OfAsync(string credential, CancellationToken cancellation) => (_known.TryGetValue(credential, out var token) ? token : Add(credential)).GetAsync(cancellation);

    /// <summary>The provider did not take the token that it was shown.</summary>
    public void Refuse(string credential, string token)
    {
        if (_known.TryGetValue(credential, out var known))
        {
            known.Refuse(token);
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        foreach (var token in _known.Values)
        {
            token.Dispose();
        }
    }

    private AccessToken Add(string credential)
    {
        foreach (var (key, token) in _known)
        {
            if (token.IsIdle && _known.TryRemove(key, out _))
            {
                token.Dispose();
            }
        }

        var made = new AccessToken(ServiceAccountKey.Read(credential), exchange, time, log, _end.Token);
        var kept = _known.GetOrAdd(credential, made);
        if (!ReferenceEquals(kept, made))
        {
            made.Dispose();
        }

        return kept;
    }

    // A key has some 2,400 characters: hashed so, a look costs less than a microsecond.
    private sealed class KeyComparer : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode([DisallowNull] string obj) => (int)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(obj.AsSpan()));
    }
}
