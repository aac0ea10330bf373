namespace Sluice.Tests.Weakened;

/// <summary>A rule of docs/reload.md without which the checker must find a violation.</summary>
public enum Rule
{
    /// <summary>An edge counts its lease from before the renewal was sent.</summary>
    LeaseFromBeforeItWasAsked,

    /// <summary>A lease ends as soon as either clock of the edge says so.</summary>
    LeaseEnds,

    /// <summary>A revocation returns behind a barrier.</summary>
    RevocationWaits,
}

/// <summary>What a process is started with so that it goes without a rule.</summary>
public static class WithoutRule
{
    /// <summary>The variable that names the rule.</summary>
    public const string Variable = "CHAOS_WITHOUT_RULE";

    /// <summary>Environment variables of the process.</summary>
    public static IReadOnlyDictionary<string, string> Settings(Rule rule) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(WithoutRule).Assembly.Location,
        [Variable] = rule.ToString(),
    };
}
