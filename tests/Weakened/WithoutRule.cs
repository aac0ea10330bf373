namespace Sluice.Tests.Weakened;

/// <summary>What a process is started with so that it goes without rules.</summary>
public static class WithoutRule
{
    /// <summary>The variable that names the rules.</summary>
    public const string Rules = "CHAOS_WITHOUT_RULES";

    /// <summary>The variable that names the folder by which they are taken away and given back.</summary>
    public const string Folder = "CHAOS_WITHOUT_RULES_IN";

    /// <summary>Environment variables of the process.</summary>
    /// <param name="folder">A rule is missing while a file with its name is there: so one process shows what it does with the rule and without.</param>
    /// <param name="rules">Those that can be taken away from it.</param>
    public static IReadOnlyDictionary<string, string> Settings(string folder, params IEnumerable<Rule> rules) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(WithoutRule).Assembly.Location,
        [Rules] = string.Join(',', rules),
        [Folder] = folder,
    };

    /// <summary>Takes a rule away, until what is answered is disposed.</summary>
    public static IDisposable TakeAway(string folder, Rule rule) => new Missing(PathOf(folder, rule));

    /// <summary>Whether a rule is missing in this process at this moment.</summary>
    internal static bool IsMissing(Rule rule) => File.Exists(PathOf(Environment.GetEnvironmentVariable(Folder)!, rule));

    private static string PathOf(string folder, Rule rule) => Path.Combine(folder, rule.ToString());

    private sealed class Missing : IDisposable
    {
        private readonly string _path;

        public Missing(string path)
        {
            _path = path;
            File.WriteAllText(path, "");
        }

        public void Dispose() => File.Delete(_path);
    }
}
