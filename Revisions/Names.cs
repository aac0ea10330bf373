using System.Text.RegularExpressions;

namespace Sluice.Revisions;

/// <summary>What names look like: none may hold the <c>|</c> that separates the parts of grain keys.</summary>
public static partial class Names
{
    /// <summary>For people, in errors.</summary>
    public const string ResourceRule = "1 to 63 of a-z 0-9 . _ -, beginning with a letter or digit";

    /// <summary>For people, in errors.</summary>
    public const string ModelRule = "1 to 128 of A-Z a-z 0-9 . _ : / @ -, beginning with a letter or digit";

    /// <summary>For people, in errors.</summary>
    public const string UserRule = "1 to 128 of A-Z a-z 0-9 . _ @ + = : ~ -, beginning with a letter or digit";

    /// <summary>For people, in errors.</summary>
    public const string AppRule = "1 to 63 of A-Z a-z 0-9 . _ -, beginning with a letter or digit";

    /// <summary>For people, in errors.</summary>
    public const string ScopeRule = "1 to 128 printable ASCII characters without space, \" and \\";

    /// <summary>What clients of Spring Cloud Config call the values that all applications share: no application has this name.</summary>
    public const string SharedApp = "application";

    /// <summary>Names of resources and tenants.</summary>
    public static bool IsResource(string name) => ResourcePattern().IsMatch(name);

    /// <summary>Names of models, which may look as providers write them: <c>meta-llama/Llama-3.1-8B</c>.</summary>
    public static bool IsModel(string name) => ModelPattern().IsMatch(name);

    /// <summary>Names of a tenant's users, as identity providers write them: <c>ada@example.org</c>. No <c>/</c>, which ends the tenant's name in a subject.</summary>
    public static bool IsUser(string name) => UserPattern().IsMatch(name);

    /// <summary>Names of applications and profiles that have settings, as frameworks write them: <c>Orders.Api</c>, <c>Production</c>.</summary>
    public static bool IsApp(string name) => AppPattern().IsMatch(name);

    /// <summary>Names of scopes (RFC 6749, section 3.3).</summary>
    public static bool IsScope(string name) => name.Length is > 0 and <= 128 && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.AsSpan().ContainsAny('"', '\\');

    /// <summary>The known name nearest to what was written, or null where none is near.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        string? best = null;
        var bestDistance = Math.Max(1, written.Length / 2) + 1;
        foreach (var name in known)
        {
            var distance = Distance(written, name, bestDistance);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (name, distance);
            }
        }

        return best;
    }

    /// <summary>A sentence end that suggests the nearest known name, or nothing.</summary>
    public static string Suggest(string written, IEnumerable<string> known) =>
        Nearest(written, known) is { } near ? $"; did you mean '{near}'?" : "";

    // Levenshtein over two rows, without case; lengths that differ by the bound or more are not compared.
    private static int Distance(string a, string b, int bound)
    {
        if (Math.Abs(a.Length - b.Length) >= bound)
        {
            return bound;
        }

        var previous = new int[b.Length + 1];
        var current = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + cost);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ResourcePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ModelPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._@+=:~-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex UserPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AppPattern();
}
