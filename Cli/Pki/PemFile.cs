using System.Text;
using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Cli.Pki;

/// <summary>Writes PEM files that only their owner may read, and never over another file.</summary>
internal static class PemFile
{
    /// <summary>Refuses to go on where one of the files is there already.</summary>
    /// <exception cref="UsageException">Names each of them.</exception>
    public static void RefuseExisting(params IEnumerable<string> paths)
    {
        if (paths.Where(File.Exists).ToArray() is { Length: > 0 } there)
        {
            throw new UsageException($"{string.Join(" and ", there)}: there already, and nothing is overwritten; choose another --out or --name, or move it away");
        }
    }

    /// <summary>Writes a new file of mode 0600.</summary>
    public static void Write(string path, string pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnlyFile.Mode;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(pem + "\n"));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Writes a file of mode 0600 in the place of another, or of none: who reads it meets either whole.</summary>
    public static void Replace(string path, string pem) => OwnerOnlyFile.Write(path, Encoding.ASCII.GetBytes(pem + "\n"), flush: true, overwrite: true);
}
