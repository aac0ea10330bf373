namespace Sluice.Grains.Catalog;

/// <summary>Which revisions keep their bodies, section <c>Sluice:Retention</c>.</summary>
public sealed record RetentionOptions
{
    /// <summary>So many of the last revisions; 2 or more, so that the one before the active is always there. Default 1,000.</summary>
    public int Last { get; set; } = 1_000;

    /// <summary>And all that are younger than this many days; 0: only by number. Default 90.</summary>
    public int Days { get; set; } = 90;

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        if (Last < 2)
        {
            yield return FormattableString.Invariant($"Retention:Last must be 2 or more, is {Last}");
        }

        if (Days is < 0 or > 36_500)
        {
            yield return FormattableString.Invariant($"Retention:Days must be 0 to 36500, is {Days}");
        }
    }
}
