using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;

namespace Sluice.Revisions.WhatIf;

/// <summary>A request that nobody sends: what of it a revision may look at.</summary>
/// <param name="Method">Upper case.</param>
/// <param name="Host">With or without port; empty: none.</param>
/// <param name="Path">Decoded, as an edge has it, without query.</param>
/// <param name="Headers">By name, without case.</param>
/// <param name="Query">By name, without case.</param>
/// <param name="Cookies">By name, without case.</param>
public sealed record DescribedRequest(
    string Method,
    string Host,
    string Path,
    ImmutableDictionary<string, ImmutableArray<string>> Headers,
    ImmutableDictionary<string, ImmutableArray<string>> Query,
    ImmutableDictionary<string, string> Cookies)
{
    /// <summary>A request without headers, query and cookies.</summary>
    public DescribedRequest(string method, string host, string path)
        : this(method, host, path, None, None, ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase))
    {
    }

    /// <summary>No values, to add to.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>> None { get; } = ImmutableDictionary.Create<string, ImmutableArray<string>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The user of the key that it is sent with, else the key; null: it has none.</summary>
    public string? Subject { get; init; }

    /// <summary>The request as matching sees it.</summary>
    public Routable AsRoutable => new(this);

    /// <summary>A described request as matching sees it.</summary>
    public readonly struct Routable(DescribedRequest request) : IRoutableRequest
    {
        /// <inheritdoc/>
        public ReadOnlySpan<char> Host => HostNames.WithoutPort(request.Host);

        /// <inheritdoc/>
        public string Method => request.Method;

        /// <inheritdoc/>
        public ReadOnlySpan<char> Path => request.Path;

        /// <inheritdoc/>
        public bool HasHeader(ValueTest asked) => Has(request.Headers, asked);

        /// <inheritdoc/>
        public bool HasQuery(ValueTest asked) => Has(request.Query, asked);

        /// <inheritdoc/>
        public string? Header(string name) => request.Headers.TryGetValue(name, out var given) ? string.Join(',', given) : null;

        /// <inheritdoc/>
        public string? Cookie(string name) => request.Cookies.GetValueOrDefault(name);

        /// <inheritdoc/>
        public string? Subject => request.Subject;

        private static bool Has(ImmutableDictionary<string, ImmutableArray<string>> given, ValueTest asked) =>
            given.TryGetValue(asked.Name, out var found) && !found.IsEmpty ? found.Any(asked.Takes) : asked.IsAbsence;
    }
}

/// <summary>Whom a described request is for.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="KeyId">The key; null: some key of the tenant.</param>
/// <param name="User">The key's user, or null.</param>
/// <param name="Models">The models that the key may use; none: all.</param>
/// <param name="Team">The key's team, or null.</param>
/// <param name="Organisation">The tenant's organisation, or null.</param>
/// <param name="Products">How the tenant stands to products.</param>
public sealed record DescribedCaller(string Tenant, string? KeyId, string? User, ImmutableArray<string> Models, string? Team = null, string? Organisation = null, ImmutableArray<ProductStanding> Products = default);
