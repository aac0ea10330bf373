using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sluice.Edge.KnownGood;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Edge.KnownGood;

/// <summary>What an edge keeps on its disk: whole and its own, or not read at all.</summary>
public sealed class KnownGoodFolderTests : IDisposable
{
    private const string Canary = "sk-canary-7f3a";
    private readonly string _path = Directory.CreateTempSubdirectory("sluice-known-good-").FullName;
    private readonly KnownGoodPlace _place;
    private readonly KnownGoodFolder _folder;

    public KnownGoodFolderTests()
    {
        _place = new KnownGoodPlace(_path, RandomNumberGenerator.GetBytes(32), "sluice", "default");
        _folder = new KnownGoodFolder(_place);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void A_record_reads_as_it_was_written_and_neither_secret_nor_resource_is_in_the_clear()
    {
        var record = Record(7);
        _folder.Save(record);

        var read = Assert.Single(Load(_place)).Record;

        Assert.Equal(record.Head, read.Head);
        Assert.Equal(record.Secrets["k"].Value, read.Secrets["k"].Value);
        Assert.Equal(record.Resources.Select(Text), read.Resources.Select(Text));
        var file = File.ReadAllBytes(Assert.Single(Files()));
        Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)));
        Assert.Equal(-1, file.AsSpan().IndexOf("Upstream"u8));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Files()[0]) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void The_last_three_are_kept_and_the_newest_is_first()
    {
        foreach (var revision in new long[] { 9, 10, 99, 100, 101 })
        {
            _folder.Save(Record(revision));
        }

        Assert.Equal([101, 100, 99], Load(_place).Select(each => each.Record.Head.Revision));
    }

    [Fact]
    public void A_file_with_any_byte_changed_or_cut_anywhere_is_passed_over_for_the_one_before()
    {
        _folder.Save(Record(1));
        _folder.Save(Record(2));
        var file = Files()[0];
        var whole = File.ReadAllBytes(file);
        for (var at = 0; at < whole.Length; at += at < 64 ? 1 : 97)
        {
            var changed = whole.ToArray();
            changed[at] ^= 0x20;
            File.WriteAllBytes(file, changed);
            Assert.Equal([1], Load(_place).Select(each => each.Record.Head.Revision));
            File.WriteAllBytes(file, whole[..at]);
            Assert.Equal([1], Load(_place).Select(each => each.Record.Head.Revision));
        }

        File.WriteAllBytes(file, whole);
        Assert.Equal(2, Load(_place).Count);
    }

    [Fact]
    public void A_file_of_another_cluster_workspace_or_key_is_passed_over_and_the_reason_told()
    {
        _folder.Save(Record(1));
        var reasons = new List<string>();

        Assert.Empty(Load(_place with { Cluster = "other" }, reasons));
        Assert.Empty(Load(_place with { Workspace = "other" }, reasons));
        Assert.Empty(Load(_place with { Key = RandomNumberGenerator.GetBytes(32) }, reasons));

        Assert.All(reasons, reason => Assert.Contains("another cluster, workspace or key", reason, StringComparison.Ordinal));
        Assert.Equal(3, reasons.Count);
    }

    [Fact]
    public void A_write_that_died_leaves_nothing_that_is_read()
    {
        _folder.Save(Record(1));
        File.WriteAllText($"{Files()[0]}.77.draft", "half");

        Assert.Single(Load(_place));
    }

    [Fact]
    public void The_marker_is_there_until_it_is_taken_away()
    {
        Assert.Null(_folder.Marked());
        _folder.Mark(new Applying("abc", 1));
        Assert.Equal(new Applying("abc", 1), new KnownGoodFolder(_place).Marked());
        _folder.Unmark();
        Assert.Null(_folder.Marked());
        File.WriteAllText(Path.Combine(_path, "applying"), "neither hash nor count here");
        Assert.Null(_folder.Marked());
    }

    private static string Text(ResourceBody body) => $"{body.Kind}/{body.Name} {Encoding.UTF8.GetString(body.Json)} {body.Hash}";

    private static KnownGoodRecord Record(long revision) => new(
        new Head(3, revision, $"hash-{revision}"),
        [new ResourceBody("Upstream", "a", Encoding.UTF8.GetBytes("""{"kind":"Upstream","name":"a"}"""), "h")],
        ImmutableDictionary<string, OpenedSecret>.Empty.Add("k", new OpenedSecret(Canary)));

    private List<string> Files() => [.. Directory.GetFiles(_path, "*.sealed").OrderDescending(StringComparer.Ordinal)];

    private static List<(KnownGoodRecord Record, DateTimeOffset GoodUntil)> Load(KnownGoodPlace place, List<string>? reasons = null) =>
        [.. new KnownGoodFolder(place).Load((_, reason) => reasons?.Add(reason))];
}
