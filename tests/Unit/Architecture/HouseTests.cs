using System.Text.RegularExpressions;

namespace Sluice.Tests.Unit.Architecture;

/// <summary>Names, places and sizes of files, and what every contract has.</summary>
public sealed partial class HouseTests
{
    private const int MostLines = 300;

    private static readonly string[] SaysNothing = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Common", "Base", "Impl", "Info"];

    [Fact]
    public void A_namespace_is_the_path_of_its_folder()
    {
        var wrong = from file in SourceTree.Files(SourceTree.Product)
                    let declared = Namespace().Match(file.Text)
                    where declared.Success
                    let expected = $"Sluice.{Path.GetDirectoryName(file.Path)!.Replace('/', '.')}"
                    where !string.Equals(declared.Groups["name"].Value, expected, StringComparison.Ordinal)
                    select $"{file}: {declared.Groups["name"].Value}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_name_ends_in_a_word_that_says_nothing()
    {
        var wrong = from file in SourceTree.Files([.. SourceTree.Product, "tests", "bench"])
                    from name in Type().Matches(file.Text).Select(m => m.Groups["name"].Value).Append(Path.GetFileNameWithoutExtension(file.Path))
                    where SaysNothing.Any(w => name.EndsWith(w, StringComparison.Ordinal))
                    select $"{file}: {name}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_file_has_more_than_300_lines()
    {
        var wrong = from file in SourceTree.Files([.. SourceTree.Product, "tests", "bench"])
                    where file.Lines > MostLines
                    select $"{file}: {file.Lines}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void Each_public_type_of_the_contracts_says_what_it_is()
    {
        var wrong = from file in SourceTree.Files("Grains.Interfaces", "Revisions")
                    from type in PublicType().Matches(file.Text)
                    let before = file.Text[..type.Index].TrimEnd('\n').Split('\n').Reverse().SkipWhile(l => l.TrimStart().StartsWith('[')).First()
                    where !before.TrimStart().StartsWith("///", StringComparison.Ordinal)
                    select $"{file}: {type.Groups["name"].Value}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void Nothing_is_left_to_be_done_in_a_comment() => Assert.Empty(
        from file in SourceTree.Files(SourceTree.Product)
        where LeftOver().IsMatch(file.Text)
        select file.Path);

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^\s*((public|internal|private|protected|static|sealed|abstract|partial|readonly|ref) )+(class|record struct|record|struct|interface|enum) (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Type();

    [GeneratedRegex(@"^public ((static|sealed|abstract|partial|readonly) )*(class|record struct|record|struct|interface|enum) (?<name>\w+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"//.*\b(TODO|FIXME|HACK|XXX)\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LeftOver();
}
