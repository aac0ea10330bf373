using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tls;

/// <summary>Makes TLS towards the upstreams of a plan that declare it; what did not change is the very same as before.</summary>
public static class ClientTlsTable
{
    /// <summary>That of a plan with none.</summary>
    public static FrozenDictionary<string, ClientTls> None { get; } = FrozenDictionary<string, ClientTls>.Empty;

    /// <summary>Of each upstream that declares it, by its name.</summary>
    /// <param name="plan">Of one side.</param>
    /// <param name="secrets">Opened.</param>
    /// <param name="before">That which runs.</param>
    /// <param name="errors">What is wrong is added here; with what is wrong nothing is connected to.</param>
    public static FrozenDictionary<string, ClientTls> Build(
        Plan plan, ImmutableDictionary<string, OpenedSecret> secrets, FrozenDictionary<string, ClientTls> before, ICollection<FieldError> errors)
    {
        var declared = plan.Upstreams.Values.Where(u => u.Tls is not null).ToList();
        return declared.Count == 0 ? None : declared.ToFrozenDictionary(u => u.Name, u => Make(u, plan, secrets, before.GetValueOrDefault(u.Name), errors), StringComparer.Ordinal);
    }

    private static ClientTls Make(UpstreamResource upstream, Plan plan, ImmutableDictionary<string, OpenedSecret> secrets, ClientTls? before, ICollection<FieldError> errors)
    {
        CertificateResource? Find(string name) => plan.Certificates.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));
        string? Open(string name) => secrets.GetValueOrDefault(name)?.Value;

        var version = UpstreamTlsMaterial.VersionOf(upstream, Find, Open);
        if (before is { IsUsable: true } && string.Equals(before.Version, version, StringComparison.Ordinal) && before.Says(upstream))
        {
            return before;
        }

        var (material, wrong) = UpstreamTlsMaterial.Read(upstream, Find, Open);
        foreach (var error in wrong)
        {
            errors.Add(error);
        }

        try
        {
            return new ClientTls(upstream, version, material);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            errors.Add(new FieldError($"{upstream.Kind}/{upstream.Name}: tls.clientCertificate", $"this edge's TLS library does not take it: {e.GetType().Name}"));
            return new ClientTls(upstream, version, null);
        }
    }
}
