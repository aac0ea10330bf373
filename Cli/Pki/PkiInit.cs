using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Cli.Pki;

/// <summary><c>sluice pki init</c>: a cluster's private CA, and at wish a folder for each process with the three files that it needs.</summary>
internal static class PkiInit
{
    public static Command Define()
    {
        var cluster = new Option<string>("--cluster-name") { Description = "The cluster's name (sluice).", DefaultValueFactory = _ => "sluice" };
        var silos = Names("--silo", "silo");
        var edges = Names("--edge", "edge");
        var keep = new Option<bool>("--keep") { Description = "Keep what is there: make what is missing, and certificates anew that end within 30 days." };
        var folder = PkiCommand.Folder();
        var command = new Command("init", "Make a cluster's private CA, and folders with certificates where they are asked for.") { cluster, silos, edges, keep, folder };
        command.SetAction(parsed =>
        {
            var (name, path, output) = (parsed.GetValue(cluster)!, parsed.GetValue(folder)!, parsed.InvocationConfiguration.Output);
            ProcessName[] processes =
            [
                .. parsed.GetValue(silos)!.Select(p => new ProcessName(p, ClusterRole.Silo)), .. parsed.GetValue(edges)!.Select(p => new ProcessName(p, ClusterRole.Edge)),
            ];
            Refuse(name, processes);
            using var ca = Authority(name, path, parsed.GetValue(keep), output);
            foreach (var process in processes)
            {
                new ProcessFolder(Path.Combine(path, process.Name), ca, new ClusterIdentity(name, process.Role)).Fill(process.Name, parsed.GetValue(keep), output);
            }

            if (processes.Length is 0)
            {
                output.WriteLine($"Next: sluice pki issue --cluster-name {name} --role silo --name silo-1 --out {path}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string[]> Names(string option, string role) => new(option)
    {
        Description = $"Make a folder of this name with the three files of such {(role is "edge" ? "an edge" : "a silo")}; may be repeated.", HelpName = "NAME", DefaultValueFactory = _ => [],
    };

    private static void Refuse(string cluster, IEnumerable<ProcessName> processes)
    {
        PkiCommand.RefuseName("--cluster-name", cluster);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var process in processes)
        {
            PkiCommand.RefuseName(process.Role is ClusterRole.Silo ? "--silo" : "--edge", process.Name);
            if (process.Name is "." or "..")
            {
                throw new UsageException($"'{process.Name}' cannot be the name of a folder");
            }

            if (!seen.Add(process.Name))
            {
                throw new UsageException($"'{process.Name}' is there twice: each process has a folder of its own");
            }
        }
    }

    private static X509Certificate2 Authority(string cluster, string path, bool keep, TextWriter output)
    {
        var (caFile, keyFile) = (Path.Combine(path, PkiCommand.CaFile), Path.Combine(path, PkiCommand.CaKeyFile));
        if (keep && File.Exists(caFile))
        {
            return PkiCommand.Read(() => X509Certificate2.CreateFromPemFile(caFile, keyFile), caFile);
        }

        PemFile.RefuseExisting(caFile, keyFile);
        Directory.CreateDirectory(path);
        var ca = CertificateIssuer.CreateCa(cluster, TimeProvider.System.GetUtcNow());
        PemFile.Write(keyFile, PkiCommand.KeyOf(ca));
        PemFile.Write(caFile, ca.ExportCertificatePem());
        output.WriteLine($"{caFile}: the CA, valid until {ca.NotAfter.ToUniversalTime():yyyy-MM-dd}. Copy it to every silo and edge.");
        output.WriteLine($"{keyFile}: its key. Keep it off those machines: whoever holds it can become a silo.");
        return ca;
    }

    private sealed record ProcessName(string Name, ClusterRole Role);
}
