using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Bodies;

/// <summary>
/// Bounds what an edge holds in memory of requests' bodies at one time: of each tenant, so that none takes the room of the others, and of all. It promises: what is refused here was not read, and
/// what was held is free again with the request's end, whatever that is. Bodies that are passed on as they come are not held. See docs/security.md.
/// </summary>
internal sealed class HeldBodies(EdgeOptions options)
{
    /// <summary>Bodies up to this many bytes are not counted: a connection's buffers are as large, and connections are bounded.</summary>
    public const int LeastCounted = 16 * 1024;

    private const long Megabyte = 1024 * 1024;

    private readonly ConcurrentDictionary<string, TenantShare> _tenants = new(StringComparer.Ordinal);
    private readonly long _most = options.HeldBytes;
    private readonly long _mostOfTenant = options.HeldBytesOfTenant;
    private readonly long[] _refused = new long[Enum.GetValues<BodyBound>().Length];

    // Never more than _most, but for a moment in which one asks that is refused then.
    private long _held;

    /// <summary>The bytes that are held now.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>How many were refused by a bound so far.</summary>
    public long Refused(BodyBound bound) => Interlocked.Read(ref _refused[(int)bound]);

    /// <summary>The tenants that hold some now.</summary>
    public int Tenants => _tenants.Count;

    /// <summary>What holds the body of a request, from its begin to its end.</summary>
    /// <param name="tenant">Whose request it is; null: nobody's, and only the bound of all holds.</param>
    /// <param name="length">How long the body says that it is; null: it does not. Of one that is longer than what is read, what is read.</param>
    /// <returns>Null: it is not counted. Else its <see cref="HeldBody.Refusal"/> says whether there was room.</returns>
    public HeldBody? Begin(string? tenant, long? length)
    {
        if (length <= LeastCounted)
        {
            return null;
        }

        var body = new HeldBody(this, tenant);
        body.TryHold(length ?? 0);
        return body;
    }

    /// <summary>Takes room; or tells why there is none.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="before">What it has by now, in bytes.</param>
    /// <param name="bytes">What it is to have.</param>
    internal ClientError? Take(string? tenant, long before, long bytes)
    {
        if (bytes > (tenant is null ? _most : _mostOfTenant))
        {
            Refuse(BodyBound.Request);
            var most = (tenant is null ? _most : _mostOfTenant) / Megabyte;
            return new ClientError(413, string.Create(CultureInfo.InvariantCulture, $"The request body needs more memory than this gateway holds of {(tenant is null ? "all requests" : "one tenant's requests")}: {most} MiB. Send it in parts."), "request_too_large");
        }

        if (tenant is not null && !TryTakeOfTenant(tenant, bytes - before))
        {
            Refuse(BodyBound.Tenant);
            return new ClientError(
                429, string.Create(CultureInfo.InvariantCulture, $"The bodies of this tenant's requests under way take all that this gateway holds of one tenant: {_mostOfTenant / Megabyte} MiB. Try again when one of them has ended."), "bodies_in_flight", RetryAfter: TimeSpan.FromSeconds(1));
        }

        if (Interlocked.Add(ref _held, bytes - before) <= _most)
        {
            return null;
        }

        Return(tenant, bytes - before);
        Refuse(BodyBound.Edge);
        return new ClientError(503, "This gateway holds as many bytes of requests as it may at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));
    }

    /// <summary>Gives room back.</summary>
    internal void Return(string? tenant, long bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        if (tenant is not null && _tenants.TryGetValue(tenant, out var share) && share.Return(bytes))
        {
            _tenants.TryRemove(KeyValuePair.Create(tenant, share));
        }
    }

    private void Refuse(BodyBound bound) => Interlocked.Increment(ref _refused[(int)bound]);

    private bool TryTakeOfTenant(string tenant, long bytes)
    {
        while (true)
        {
            // One that was empty has left the table, or is about to: then another one counts.
            if (_tenants.GetOrAdd(tenant, static _ => new TenantShare()).TryTake(bytes, _mostOfTenant) is { } taken)
            {
                return taken;
            }
        }
    }

    private sealed class TenantShare
    {
        private readonly Lock _turn = new();

        // The sum of what its requests hold; below 0 once it has ended.
        private long _bytes;

        /// <summary>Takes room where there is some; null: it has ended.</summary>
        public bool? TryTake(long bytes, long most)
        {
            lock (_turn)
            {
                if (_bytes < 0)
                {
                    return null;
                }

                if (_bytes + bytes > most)
                {
                    return false;
                }

                _bytes += bytes;
                return true;
            }
        }

        /// <summary>Gives room back; true: it has ended by it.</summary>
        public bool Return(long bytes)
        {
            lock (_turn)
            {
                _bytes -= bytes;
                if (_bytes > 0)
                {
                    return false;
                }

                _bytes = -1;
                return true;
            }
        }
    }
}

/// <summary>Which bound of bodies was met.</summary>
internal enum BodyBound
{
    /// <summary>One alone is too large.</summary>
    Request,

    /// <summary>The tenant's.</summary>
    Tenant,

    /// <summary>That of all.</summary>
    Edge,
}
