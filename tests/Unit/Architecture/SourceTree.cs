using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Architecture;

/// <summary>The sources as they lie in the repository.</summary>
internal static class SourceTree
{
    /// <summary>The folders of the product, each one project.</summary>
    public static readonly string[] Product = ["Cli", "Configuration", "Edge", "Grains", "Grains.Interfaces", "Revisions", "Silo", "Storage"];

    /// <summary>All C# files of some folders, as paths from the root; what builds make is left out.</summary>
    public static IEnumerable<SourceFile> Files(params IEnumerable<string> folders) =>
        from folder in folders
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !path.Split('/').Any(part => part is "obj" or "bin" or "node_modules")
        orderby path
        select new SourceFile(path, File.ReadAllText(file).ReplaceLineEndings("\n"));
}

/// <summary>One C# file.</summary>
/// <param name="Path">From the root, with slashes.</param>
internal sealed record SourceFile(string Path, string Text)
{
    public int Lines => Text.AsSpan().Count('\n');

    public override string ToString() => Path;
}
