using System.Text.RegularExpressions;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>Makes unreadable in a text what is never kept: addresses of e-mail, numbers of cards, keys of known shapes, and what the declared patterns match. Each takes time that grows with the text and no faster.</summary>
internal static partial class Detectors
{
    /// <summary>What stands in the place of what a declared pattern or field took.</summary>
    public const string Redacted = "[redacted]";

    private const int LeastDigits = 13;
    private const int MostDigits = 19;

    /// <summary>The text without them.</summary>
    public static string Redact(string text, CompiledBodyLogging rules)
    {
        foreach (var pattern in rules.Patterns)
        {
            text = pattern.Replace(text, Redacted);
        }

        text = Key().Replace(text, "[key]");
        text = Email().Replace(text, "[email]");
        return Digits().Replace(text, static match => IsCard(match.ValueSpan) ? "[card]" : match.Value);
    }

    /// <summary>Whether digits, with spaces and hyphens between them, are a card's number: 13 to 19 of them, with a right check digit (ISO/IEC 7812-1, Luhn).</summary>
    public static bool IsCard(ReadOnlySpan<char> text)
    {
        var (count, sum) = (0, 0);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                continue;
            }

            var digit = text[i] - '0';
            var weighed = count % 2 == 0 ? digit : digit * 2;
            sum += weighed > 9 ? weighed - 9 : weighed;
            count++;
        }

        return count is >= LeastDigits and <= MostDigits && sum % 10 == 0;
    }

    [GeneratedRegex(@"[A-Za-z0-9._%+'-]+@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,24}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"[0-9](?:[ -]?[0-9]){12,18}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Digits();

    // Of Sluice, OpenAI and those who write alike, AWS, Google, GitHub, GitLab, Slack, Stripe, Hugging Face; tokens of JSON; private keys; what stands behind Bearer.
    [GeneratedRegex(
        @"slc_(?:live|admin)_[A-Za-z0-9_-]{8,}|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|\bgh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|\bhf_[A-Za-z0-9]{30,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s\\]*(?:-----END [A-Z ]*PRIVATE KEY-----)?|(?i:bearer)[ ]+[A-Za-z0-9._~+/=-]{16,}",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Key();
}
