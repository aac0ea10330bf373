using System.Text.RegularExpressions;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Docs;

/// <summary>A page of the documentation.</summary>
/// <param name="Path">Of the file, from the repository's root.</param>
internal sealed partial record Page(string Path, string Text)
{
    /// <summary>The README and every page below <c>docs</c>.</summary>
    public static Page[] All() =>
    [
        .. Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(System.IO.Path.Combine(Repository.Root, "README.md"))
            .Order(StringComparer.Ordinal)
            .Select(f => Read(System.IO.Path.GetRelativePath(Repository.Root, f))),
    ];

    public static Page Read(string path) => new(path, File.ReadAllText(System.IO.Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n"));

    /// <summary>The fenced blocks of a language, in their order; of commands: those without one.</summary>
    public string[] Blocks(string language = "") =>
        [.. Fence().Matches(Text).Where(m => string.Equals(m.Groups["language"].Value, language, StringComparison.Ordinal)).Select(m => m.Groups["block"].Value)];

    /// <summary>Where its links point to, but those to other sites.</summary>
    public string[] Links() => [.. Link().Matches(Fence().Replace(Text, "")).Select(m => m.Groups["to"].Value).Where(to => !to.Contains("://", StringComparison.Ordinal))];

    /// <summary>The names under which its headings are linked.</summary>
    public string[] Anchors() =>
        [.. Heading().Matches(Text).Select(m => NotInAnchors().Replace(m.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    public override string ToString() => Path;

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<block>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotInAnchors();
}
