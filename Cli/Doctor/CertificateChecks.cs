using Sluice.Silo.Admin;

namespace Sluice.Cli.Doctor;

/// <summary>Certificates that clients are shown: those that end soon, or cannot be read.</summary>
internal static class CertificateChecks
{
    private const string Obtained = "mend what the authority says; sluice certificate renew tries again at once; docs/certificates.md";

    /// <summary>One finding for each that wants something done, or one that all are well; nothing where none is declared.</summary>
    public static IEnumerable<Finding> Judge(CertificateList certificates)
    {
        if (certificates.Items.IsEmpty)
        {
            return [];
        }

        Finding[] wrong =
        [
            .. certificates.Items.Where(c => c.Warning is not null).Select(c => c.Ends is null || c.Ends <= certificates.Now
                ? Finding.Error("certificates", $"Certificate '{c.Name}': {c.Warning}", c.Order is null ? "apply its secrets with a new chain and key; docs/certificates.md" : Obtained)
                : Finding.Warn("certificates", $"Certificate '{c.Name}': {c.Warning}", c.Order is null ? "apply its secrets with the new chain and key: it serves when the call returns" : Obtained)),
        ];
        return wrong.Length > 0 ? wrong
            : [Finding.Ok("certificates", FormattableString.Invariant($"{certificates.Items.Length} declared, the first ends at {certificates.Items.Min(c => c.Ends)?.UtcDateTime:yyyy-MM-dd}"))];
    }
}
