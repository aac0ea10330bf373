namespace Sluice.Cli.Doctor;

/// <summary>How bad a finding is.</summary>
internal enum FindingLevel
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and something should be done.</summary>
    Warn,

    /// <summary>It does not work, or soon will not.</summary>
    Error,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What: one word, the same each time.</param>
/// <param name="Says">What was found.</param>
/// <param name="Remedy">What to do; null where nothing is to be done.</param>
internal sealed record Finding(string Check, FindingLevel Level, string Says, string? Remedy)
{
    public static Finding Ok(string check, string says) => new(check, FindingLevel.Ok, says, null);

    public static Finding Warn(string check, string says, string remedy) => new(check, FindingLevel.Warn, says, remedy);

    public static Finding Error(string check, string says, string remedy) => new(check, FindingLevel.Error, says, remedy);
}
