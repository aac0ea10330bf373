using System.Text.RegularExpressions;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Architecture;

/// <summary>Pages that name tests name ones that there are.</summary>
public sealed partial class NamedTestTests
{
    [Fact]
    public void Each_test_that_a_page_names_is_there()
    {
        var tests = SourceTree.Files("tests").SelectMany(file => Test().Matches(file.Text)).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var named = (from page in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
                     from match in Named().Matches(File.ReadAllText(page))
                     select (Page: Path.GetFileName(page), Name: match.Groups["name"].Value)).ToArray();

        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, n => !tests.Contains(n.Name));
    }

    [GeneratedRegex(@"public (async )?(Task|void) (?<name>\w+)\(", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Test();

    // A capital, then words with underscores: nothing else in the pages is written so.
    [GeneratedRegex(@"`(\w+Tests\.)?(?<name>[A-Z][a-z]*(_[\w]+){3,})`", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Named();
}
