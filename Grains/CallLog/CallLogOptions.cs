namespace Sluice.Grains.CallLog;

/// <summary>How the call log is kept, section <c>Sluice:CallLog</c>.</summary>
public sealed record CallLogOptions
{
    private const int MostDays = 36_500;
    private const int LeastMegabytes = 64;
    private const int MostMegabytes = 65_536;
    private const int MostThreads = 64;

    /// <summary>For how many days after their own calls are kept; 0: for ever. Default 30.</summary>
    public int Days { get; set; } = 30;

    /// <summary>The most memory that searches take, in MiB; what needs more goes to the disk. Default 256.</summary>
    public int SearchMegabytes { get; set; } = 256;

    /// <summary>The most threads that searches take. Default 2.</summary>
    public int SearchThreads { get; set; } = 2;

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        if (Days is < 0 or > MostDays)
        {
            yield return FormattableString.Invariant($"CallLog:Days must be 0 to {MostDays}, is {Days}");
        }

        if (SearchMegabytes is < LeastMegabytes or > MostMegabytes)
        {
            yield return FormattableString.Invariant($"CallLog:SearchMegabytes must be {LeastMegabytes} to {MostMegabytes}, is {SearchMegabytes}");
        }

        if (SearchThreads is < 1 or > MostThreads)
        {
            yield return FormattableString.Invariant($"CallLog:SearchThreads must be 1 to {MostThreads}, is {SearchThreads}");
        }
    }
}
