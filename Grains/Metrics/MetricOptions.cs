namespace Sluice.Grains.Metrics;

/// <summary>What metrics tell by opt-in, section <c>Sluice:Metrics</c>.</summary>
public sealed record MetricOptions
{
    private const int MostAuthors = 200;

    /// <summary>So many authors of changes have series of their own, those who come first; all others share one. 0: none has, and the metric is not told. Default 0.</summary>
    public int ReloadAuthors { get; set; }

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        if (ReloadAuthors is < 0 or > MostAuthors)
        {
            yield return FormattableString.Invariant($"Metrics:ReloadAuthors must be 0 to {MostAuthors}, is {ReloadAuthors}");
        }
    }
}
