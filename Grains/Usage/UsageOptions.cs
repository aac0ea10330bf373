namespace Sluice.Grains.Usage;

/// <summary>For how long usage is kept, section <c>Sluice:Usage</c>.</summary>
public sealed record UsageOptions
{
    private const int MostDays = 36_500;

    /// <summary>Records of attempts, in days after their own; 0: for ever. Default 90.</summary>
    public int RecordDays { get; set; } = 90;

    /// <summary>Sums by hour, in days after their own; 0: for ever. Not shorter than <see cref="RecordDays"/>. Default 800.</summary>
    public int SumDays { get; set; } = 800;

    /// <summary>For workspaces that keep theirs for another time, by name.</summary>
    public IDictionary<string, UsageOptions> Workspaces { get; set; } = new Dictionary<string, UsageOptions>(StringComparer.Ordinal);

    /// <summary>What holds for a workspace. Names of environment variables have no case.</summary>
    public UsageOptions Of(string workspace) => Workspaces.FirstOrDefault(each => string.Equals(each.Key, workspace, StringComparison.OrdinalIgnoreCase)).Value ?? this;

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate() => Validate("Usage").Concat(Workspaces.SelectMany(each => each.Value.Validate($"Usage:Workspaces:{each.Key}")));

    private IEnumerable<string> Validate(string section)
    {
        foreach (var (name, days) in new[] { (nameof(RecordDays), RecordDays), (nameof(SumDays), SumDays) })
        {
            if (days is < 0 or > MostDays)
            {
                yield return FormattableString.Invariant($"{section}:{name} must be 0 to {MostDays}, is {days}");
            }
        }

        if (SumDays != 0 && (RecordDays == 0 || SumDays < RecordDays))
        {
            yield return FormattableString.Invariant($"{section}:SumDays must not be less than RecordDays: sums outlast the records that they are made of");
        }
    }
}
