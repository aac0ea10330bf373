using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>What a table of certificates shows besides: whom they serve, and when they end.</summary>
internal static class CertificateColumns
{
    /// <summary>Shows them.</summary>
    public static async Task<int> WriteAsync(AdminSession session, IReadOnlyList<ResourceItem> items, CancellationToken cancellation)
    {
        var told = await session.Client.GetAsync<CertificateList>("certificate-status", cancellation);
        var byName = told.Items.ToDictionary(c => c.Name, StringComparer.Ordinal);
        return session.Write(items, ["NAME", "HOSTS", "ENDS", "OWNER", "HASH"], items.Select(item =>
        {
            var certificate = byName.GetValueOrDefault(item.Name);
            return new[] { item.Name, certificate is null ? "" : string.Join(", ", certificate.Hosts), Ends(certificate, told.Now), item.Owner, item.Hash[..12] };
        }));
    }

    private static string Ends(CertificateStatus? certificate, DateTimeOffset now) => certificate?.Ends is { } ends
        ? FormattableString.Invariant($"{ends.UtcDateTime:yyyy-MM-dd} ({Math.Floor((ends - now).TotalDays):0} days)")
        : "";
}
