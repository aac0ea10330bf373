namespace Sluice.Cli.Doctor;

/// <summary>What a difference between two clocks means.</summary>
internal static class Clocks
{
    private const string Check = "clocks";

    // Times in headers are in whole seconds; below this nothing is known.
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Unbearable = TimeSpan.FromMinutes(1);

    /// <summary>Judges how far one clock is ahead of another.</summary>
    public static Finding Judge(string whose, TimeSpan ahead, string of)
    {
        var size = ahead.Duration();
        if (size <= Tolerated)
        {
            return Finding.Ok(Check, $"the clock of {whose} goes with that of {of}, as far as can be seen (2 s)");
        }

        var says = FormattableString.Invariant($"the clock of {whose} is {size.TotalSeconds:0} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} that of {of}");
        var remedy = "synchronise both by NTP: windows of budgets, ends of keys and times in the history follow these clocks";
        return size > Unbearable ? Finding.Error(Check, says, remedy) : Finding.Warn(Check, says, remedy);
    }
}
