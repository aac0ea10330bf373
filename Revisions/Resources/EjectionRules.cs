namespace Sluice.Revisions.Resources;

/// <summary>When a provider's targets are not asked any more for a time, because they fail.</summary>
/// <param name="Failures">In a row that eject, 1 to 1,000; default 5.</param>
/// <param name="Share">Of the answers within the window that must be failures to eject, above 0 to 1; default 0.5.</param>
/// <param name="Of">The least answers within the window of which that share ejects, 1 to 100,000; default 20.</param>
/// <param name="Within">The window, 1 s to 1 h; default 10 s.</param>
/// <param name="First">Until one request probes, 100 ms to 1 h; default 5 s. Each probe that fails doubles it.</param>
/// <param name="Longest">The most that it grows to, to 24 h and not less than <paramref name="First"/>; default 5 min.</param>
public sealed record EjectionRules(int Failures, double Share, int Of, TimeSpan Within, TimeSpan First, TimeSpan Longest)
{
    /// <summary>Where a provider declares none.</summary>
    public static EjectionRules Defaults { get; } = new(5, 0.5, 20, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
}
