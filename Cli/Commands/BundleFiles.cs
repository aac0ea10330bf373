using System.CommandLine;
using System.Text;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>Bundles from files, folders and the input, joined into one JSON array.</summary>
internal static class BundleFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>The option that names them.</summary>
    public static Option<string[]> Option(bool required) => new("--file", "-f")
    {
        Description = "A file, a folder (all its .yaml, .yml and .json, in the order of their names) or - for the input; may be given more than once.",
        Required = required,
        HelpName = "FILE|DIR|-",
    };

    /// <summary>Reads all; what cannot be read is told with the file, line and column.</summary>
    /// <exception cref="AdminRefusedException">A file is no bundle.</exception>
    public static async Task<HttpContent> ReadAsync(IReadOnlyList<string> sources, CancellationToken cancellation)
    {
        var resources = new List<string>();
        var errors = new List<FieldError>();
        foreach (var source in sources)
        {
            foreach (var (name, text) in await ReadAsync(source, cancellation))
            {
                var bundle = Bundle.Parse(text);
                resources.AddRange(bundle.Resources.Select(Encoding.UTF8.GetString));
                errors.AddRange(bundle.Errors.Select(e => new FieldError($"{name}: {e.Path}", e.Message)));
            }
        }

        if (errors.Count > 0)
        {
            throw new AdminRefusedException(
                "the bundle cannot be read", new Problem("urn:sluice:problem:invalid-resource", "The resources are not valid", 400, Errors: errors));
        }

        return new StringContent($"[{string.Join(",", resources)}]", Encoding.UTF8, "application/json");
    }

    private static async Task<List<(string Name, string Text)>> ReadAsync(string source, CancellationToken cancellation)
    {
        if (source is "-")
        {
            return [("input", await Console.In.ReadToEndAsync(cancellation))];
        }

        try
        {
            var files = !Directory.Exists(source)
                ? [source]
                : Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)
                    .Where(f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
                    .Order(StringComparer.Ordinal)
                    .ToArray();
            var read = new List<(string, string)>();
            foreach (var file in files)
            {
                read.Add((file, await File.ReadAllTextAsync(file, cancellation)));
            }

            return read.Count > 0 ? read : throw new UsageException($"the folder {source} holds no .yaml, .yml or .json");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{source} cannot be read: {e.Message}");
        }
    }
}
