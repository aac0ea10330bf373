using System.Xml.Linq;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Architecture;

/// <summary>References point inward: hosts → planes → contracts, as docs/architecture.md says.</summary>
public sealed class DependencyTests
{
    /// <summary>Each project and the only ones that it may name.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Grains.Interfaces"] = [],
        ["Revisions"] = ["Grains.Interfaces"],
        ["Storage"] = [],
        ["Grains"] = ["Grains.Interfaces", "Revisions"],
        ["Edge"] = ["Grains.Interfaces", "Revisions"],
        ["Silo"] = ["Grains", "Storage", "Grains.Interfaces", "Revisions"],
        ["Configuration"] = [],
        ["Cli"] = ["Silo", "Edge", "Configuration"],
    };

    [Fact]
    public void A_project_refers_only_to_those_further_in()
    {
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), SourceTree.Product.Order(StringComparer.Ordinal));
        foreach (var (project, allowed) in Allowed)
        {
            var references = Items(project, "ProjectReference").Select(r => Path.GetFileName(Path.GetDirectoryName(r.Replace('\\', '/')))!);
            Assert.Empty(references.Except(allowed, StringComparer.Ordinal).Select(r => $"{project} refers to {r}"));
        }
    }

    [Fact]
    public void The_contracts_know_nothing_but_the_abstractions_of_Orleans_and_the_checksum_of_keys() =>
        Assert.All(Items("Grains.Interfaces", "PackageReference"), package => Assert.Matches(@"^(Microsoft\.Orleans\.Sdk|Microsoft\.Orleans\..*Abstractions|System\.IO\.Hashing)$", package));

    [Fact]
    public void An_edge_does_not_know_the_state_and_the_state_does_not_know_edges()
    {
        var wrong = SourceTree.Files("Edge").Where(f => f.Text.Contains("using Sluice.Grains.", StringComparison.Ordinal) && Usings(f).Any(u => !u.StartsWith("Sluice.Grains.Interfaces", StringComparison.Ordinal)))
            .Concat(SourceTree.Files("Grains", "Revisions", "Grains.Interfaces").Where(f => f.Text.Contains("using Sluice.Edge", StringComparison.Ordinal)));

        Assert.Empty(wrong);

        static IEnumerable<string> Usings(SourceFile file) =>
            file.Text.Split('\n').Where(l => l.StartsWith("using Sluice.Grains", StringComparison.Ordinal)).Select(l => l["using ".Length..]);
    }

    [Fact]
    public void Versions_of_packages_stand_in_one_place()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(XDocument.Load(file).Descendants("PackageReference"), p => p.Attribute("Version") is not null);
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file)!, "packages.lock.json")), $"{file} has no lock file beside it");
        }
    }

    private static string[] Items(string project, string item)
    {
        var file = Path.Combine(Repository.Root, project, $"Sluice.{project}.csproj");
        return [.. XDocument.Load(file).Descendants(item).Select(i => i.Attribute("Include")!.Value)];
    }
}
