using System.Collections.Immutable;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads what a <c>Route</c> asks of headers and query parameters.</summary>
internal static class ValueMatchReader
{
    private const int LongestPattern = 256;

    /// <summary>The entries of a list; empty where it is absent.</summary>
    public static ImmutableArray<ValueMatch> Read(Fields fields, string field) => fields.Objects(field, required: false, ReadOne);

    private static ValueMatch ReadOne(Fields item)
    {
        var match = new ValueMatch(item.Text("name"), item.Texts("values"))
        {
            Prefix = item.TextOrNull("prefix"),
            Regex = item.TextOrNull("regex"),
            Absent = item.Flag("absent") ?? false,
        };
        string[] said = [.. new[] { "values", "prefix", "regex", "absent" }.Where(item.Has)];
        if (said.Length > 1)
        {
            item.Wrong(said[1], $"stands beside {said[0]}; a condition has one of values, prefix, regex and absent, or none for any value");
        }

        if (item.Has("absent") && !match.Absent)
        {
            item.Wrong("absent", "has no effect when false; leave it out for any value");
        }

        if (match.Regex is { } pattern && FindWrong(pattern) is { } wrong)
        {
            item.Wrong("regex", wrong);
            return match with { Regex = null };
        }

        return match;
    }

    private static string? FindWrong(string pattern)
    {
        if (pattern.Length > LongestPattern)
        {
            return $"has more than {LongestPattern} characters";
        }

        try
        {
            ValueTest.Compile(pattern);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"is not a regular expression: {e.Message}";
        }
        catch (NotSupportedException)
        {
            return "looks around or refers back, or is too large: only what can be matched in a time that grows with the value alone is taken";
        }
    }
}
