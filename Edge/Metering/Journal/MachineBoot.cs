namespace Sluice.Edge.Metering.Journal;

/// <summary>Which boot of the machine this is.</summary>
internal static class MachineBoot
{
    /// <summary>Another one after each boot; empty where the system does not tell.</summary>
    public static string Id { get; } = Read();

    private static string Read()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
