using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Upgrades;

/// <summary>
/// A committed file of what was written: lines of a name, a space and the bytes as text. Of one name the last line is what is written today; those before it are what
/// was written once, and they stay: somebody has stored or sends it.
/// </summary>
internal sealed class GoldenLines(string file)
{
    private readonly string _path = Path.Combine(Repository.Root, "tests", "Unit", "Golden", file);

    /// <summary>All lines by their names, oldest first.</summary>
    public ILookup<string, string> Read() => Lines().ToLookup(l => l.Name, l => l.Bytes, StringComparer.Ordinal);

    /// <summary>What is written today that is not as in the file; with <c>SLUICE_WRITE_GOLDEN=1</c> it is added to the file first.</summary>
    public IReadOnlyList<string> Differences(IReadOnlyDictionary<string, string> now)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("SLUICE_WRITE_GOLDEN"), "1", StringComparison.Ordinal))
        {
            var before = Read();
            File.WriteAllLines(_path, Lines().Concat(now.Where(n => !IsLast(before, n)).Select(n => (Name: n.Key, Bytes: n.Value)))
                .OrderBy(l => l.Name, StringComparer.Ordinal).Select(l => $"{l.Name} {l.Bytes}"));
        }

        var committed = Read();
        return [.. now.Where(n => !IsLast(committed, n)).Select(n => $"{n.Key}: {(committed.Contains(n.Key) ? committed[n.Key].Last() : "no line")} is now {n.Value}")];
    }

    private static bool IsLast(ILookup<string, string> lines, KeyValuePair<string, string> now) =>
        string.Equals(lines[now.Key].LastOrDefault(), now.Value, StringComparison.Ordinal);

    private IEnumerable<(string Name, string Bytes)> Lines() =>
        from line in File.Exists(_path) ? File.ReadAllLines(_path) : []
        let end = line.IndexOf(' ', StringComparison.Ordinal)
        select (line[..end], line[(end + 1)..]);
}
