using System.Globalization;

namespace Sluice.Tests.Processes;

/// <summary>The wall clock of one process, set by libfaketime; the monotonic one goes on as it is.</summary>
public sealed class WallClock
{
    private static readonly string? Library = new[] { "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1" }.FirstOrDefault(File.Exists);

    private readonly string _file;

    /// <summary>A clock that is right so far.</summary>
    /// <param name="folder">Where it keeps what it is set by.</param>
    /// <param name="name">Whose it is.</param>
    /// <param name="hours">By how much it is wrong at the start.</param>
    public WallClock(string folder, string name, int hours = 0)
    {
        (Name, _file) = (name, Path.Combine(folder, $"{name}.clock"));
        File.WriteAllText(_file, By(hours));
    }

    /// <summary>Why clocks cannot be set on this machine; null: they can.</summary>
    public static string? Missing => Library is null ? "libfaketime is not installed: ./test does it as root on Debian." : null;

    /// <summary>Whose it is.</summary>
    public string Name { get; }

    /// <summary>What the process is started with.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["LD_PRELOAD"] = Library!,
        ["FAKETIME_TIMESTAMP_FILE"] = _file,
        ["FAKETIME_NO_CACHE"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        ["NO_FAKE_STAT"] = "1",
    };

    /// <summary>Sets the clock, and waits until the process tells the time that it was set to.</summary>
    public async Task SetAsync(int hours, Uri process)
    {
        await File.WriteAllTextAsync(_file, By(hours));
        using var client = new HttpClient { BaseAddress = process };
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/nowhere");
                var off = answer.Headers.Date!.Value - TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(hours);
                return off.Duration() < TimeSpan.FromMinutes(5);
            },
            $"the clock of the {Name} is set by {hours} hours");
    }

    private static string By(int hours) => string.Create(CultureInfo.InvariantCulture, $"{hours:+0;-0;+0}h");
}
