using System.Net;
using Sluice.Silo;

namespace Sluice.Cli.Hosting;

/// <summary>Says loudly, at every start, which protection was turned off.</summary>
internal static class InsecureWarning
{
    public static void Write(TextWriter error, SiloOptions silo)
    {
        if (silo.InsecureCluster && silo.Tls.IsEmpty)
        {
            error.WriteLine("sluice: WARNING: InsecureCluster is on: silos and edges speak without TLS, and whoever reaches a silo's ports may call anything and read every secret.");
        }

        if (silo.AdminCertificate is null && !IPAddress.IsLoopback(IPAddress.Parse(silo.ListenAdmin)))
        {
            error.WriteLine($"sluice: WARNING: the admin API listens on {silo.ListenAdmin} without TLS: whoever reads that network reads admin keys.");
        }
    }
}
