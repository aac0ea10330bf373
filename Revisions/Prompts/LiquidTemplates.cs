using System.Globalization;
using Fluid;
using Fluid.Ast;

namespace Sluice.Revisions.Prompts;

/// <summary>
/// Reads templates in Liquid, of which only what is bounded is taken: no files, no captures, no ranges, no filter that makes much of little. What a template may do is
/// in docs/prompts.md.
/// </summary>
internal static class LiquidTemplates
{
    /// <summary>The most characters of a template.</summary>
    public const int Longest = 64 * 1024;

    private const int MostTags = 500;
    private const int LongestTag = 1_000;
    private const int MostBrackets = 16;

    private static readonly string[] Refused = ["capture", "include", "render", "liquid", "tablerow", "increment", "decrement", "ifchanged"];
    private static readonly FluidParser Parser = MakeParser();

    /// <summary>Parses a template; null where it is not taken.</summary>
    /// <param name="text">As declared.</param>
    /// <param name="wrong">Why it is not taken, and where.</param>
    public static IFluidTemplate? Parse(string text, out string wrong)
    {
        if (text.Length > Longest)
        {
            wrong = string.Create(CultureInfo.InvariantCulture, $"has {text.Length} characters, at most {Longest} are taken");
            return null;
        }

        if (CheckTags(text) is { } deep)
        {
            wrong = deep;
            return null;
        }

        if (!Parser.TryParse(text, out var template, out var error))
        {
            wrong = $"is not Liquid as it is taken here: {error.ReplaceLineEndings(" ").Trim()}";
            return null;
        }

        var finder = new FilterFinder();
        finder.VisitTemplate(template);
        wrong = finder.Found ?? "";
        return finder.Found is null ? template : null;
    }

    private static FluidParser MakeParser()
    {
        var parser = new FluidParser(new FluidParserOptions { AllowFunctions = false, AllowLiquidTag = false });
        foreach (var tag in Refused)
        {
            parser.RegisteredTags.Remove(tag);
        }

        return parser;
    }

    // The parser goes as deep as a template is nested: what could exhaust its stack does not reach it.
    private static string? CheckTags(string text)
    {
        var tags = 0;
        for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0 && at + 1 < text.Length; at = text.IndexOf('{', at + 1))
        {
            if (text[at + 1] is not ('{' or '%'))
            {
                continue;
            }

            var end = text.IndexOf(text[at + 1] is '{' ? "}}" : "%}", at, StringComparison.Ordinal);
            var tag = text.AsSpan(at, (end < 0 ? text.Length : end) - at);
            if (IsOpen(tag))
            {
                return string.Create(CultureInfo.InvariantCulture, $"has a tag with a backslash, '}}}}' or '%}}' within a quoted text, or a quote that does not end (at character {at + 1})");
            }

            if (tag.Contains('(') && tag.Contains("..", StringComparison.Ordinal))
            {
                return string.Create(CultureInfo.InvariantCulture, $"has a range such as (1..9), which is not taken: give a list as a variable (at character {at + 1})");
            }

            if (++tags > MostTags || tag.Length > LongestTag || tag.Count('[') + tag.Count('(') > MostBrackets)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"has more than {MostTags} tags, a tag of more than {LongestTag} characters, or one with more than {MostBrackets} brackets (at character {at + 1})");
            }
        }

        return null;
    }

    // Where a tag ends for the parser, it must end for these checks too.
    private static bool IsOpen(ReadOnlySpan<char> tag)
    {
        var quote = '\0';
        foreach (var c in tag)
        {
            if (quote != '\0' && c == '\\')
            {
                return true;
            }

            quote = quote == '\0' ? (c is '"' or '\'' ? c : quote) : c == quote ? '\0' : quote;
        }

        return quote != '\0';
    }

    private sealed class FilterFinder : AstVisitor
    {
        public string? Found { get; private set; }

        protected override Expression VisitFilterExpression(FilterExpression filterExpression)
        {
            if (!LiquidRendering.Filters.Contains(filterExpression.Name, StringComparer.Ordinal))
            {
                Found ??= $"has the filter '{filterExpression.Name}', which is not taken{Names.Suggest(filterExpression.Name, LiquidRendering.Filters)} Taken are {string.Join(", ", LiquidRendering.Filters)}";
            }

            return base.VisitFilterExpression(filterExpression);
        }
    }
}
