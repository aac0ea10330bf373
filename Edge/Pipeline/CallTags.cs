using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Pipeline;

/// <summary>The tags by which a client wants its usage told apart: the request header <c>sluice-tags: team=search,feature=autocomplete</c>. It is not passed on. See docs/usage.md.</summary>
internal static partial class CallTags
{
    /// <summary>The header.</summary>
    public const string Header = "sluice-tags";

    private const int Most = 8;
    private const int LongestName = 32;
    private const int LongestValue = 64;

    /// <summary>Reads them, by name; false: the header is not right, and the request is not to be served.</summary>
    public static bool TryRead(HttpRequest request, out ImmutableArray<string> tags, out ClientError? error)
    {
        (tags, error) = ([], null);
        if (!request.Headers.TryGetValue(Header, out var lines) || lines.ToString() is not { Length: > 0 } text)
        {
            return true;
        }

        var read = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Tag().IsMatch(part))
            {
                error = Wrong($"a tag is name=value: a name of at most {LongestName} lower-case letters, digits, '.', '_' and '-', and a value of at most {LongestValue} letters, digits and '.', '_', ':', '/', '@', '+', '-'; one of them is '{Shorten(part)}'");
                return false;
            }

            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (!read.TryAdd(part[..at], part))
            {
                error = Wrong($"each name may be there once; '{part[..at]}' is there twice");
                return false;
            }
        }

        if (read.Count > Most)
        {
            error = Wrong($"there may be at most {Most} tags; there are {read.Count}");
            return false;
        }

        tags = [.. read.Values];
        return true;
    }

    private static string Shorten(string part) => part.Length <= LongestName + LongestValue ? part : $"{part[..LongestName]}…";

    private static ClientError Wrong(string what) => new(400, $"The header {Header} is not right: {what}.", "invalid_request", Header);

    [GeneratedRegex("^[a-z0-9._-]{1,32}=[A-Za-z0-9._:/@+-]{1,64}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();
}
