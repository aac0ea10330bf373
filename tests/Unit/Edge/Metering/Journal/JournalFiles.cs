using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Metering.Journal;

/// <summary>A folder with journals in it, one start after the other. A start that is dropped leaves what a killed process leaves.</summary>
internal sealed class JournalFiles(int segmentBytes = 64 * 1024, long mostBytes = 1024 * 1024) : IDisposable
{
    private JournalFolder? _held;

    public string Cluster { get; set; } = "sluice";

    public string Path { get; } = Directory.CreateTempSubdirectory("sluice-journal-").FullName;

    public string[] Segments => [.. Directory.GetFiles(Path, "*.journal").Order(StringComparer.Ordinal)];

    public AttemptJournal Start(string edge) =>
        new(_held = JournalFolder.Hold(new JournalPlace(Path, Cluster, "default", segmentBytes, mostBytes)), edge, NullLogger<AttemptJournal>.Instance);

    /// <summary>As after a kill: the lock is free, and the files are as they are.</summary>
    public void Kill() => _held?.Dispose();

    public JournalReplay Replay(Action<string, string>? unreadable = null) =>
        JournalReplay.Read(Segments, new JournalPlace(Path, Cluster, "default").Owner, unreadable ?? ((file, why) => Assert.Fail($"{file}: {why}")));

    public void Dispose()
    {
        _held?.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
