using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orleans.Storage;
using Sluice.Grains;
using Sluice.Storage;
using Sluice.Tests.Unit.Architecture;

namespace Sluice.Tests.Unit.Upgrades;

/// <summary>A record that was stored once is read by every later silo: golden bytes of each stored type.</summary>
public sealed partial class StoredGoldenTests
{
    private static readonly GoldenLines Golden = new("stored.txt");
    private static readonly IGrainStorageSerializer Serializer = new JsonState(StoredLayouts.All.Select(l => new StateLayout(l.Type, l.Version, l.Steps)));

    // Every type that a grain takes as its state or reads from the storage itself, as the sources name it.
    private static readonly IReadOnlyDictionary<string, Type> Types =
        (from file in SourceTree.Files("Grains")
         from use in Use().Matches(file.Text)
         select use.Groups["type"].Value).Distinct(StringComparer.Ordinal)
        .ToDictionary(name => name, name => Assembly.Load("Sluice.Grains").GetTypes().Single(t => string.Equals(t.Name, name, StringComparison.Ordinal)), StringComparer.Ordinal);

    [Fact]
    public void Each_stored_type_is_written_as_the_committed_bytes()
    {
        Assert.NotEmpty(Types);
        var differences = Golden.Differences(Types.ToDictionary(t => t.Key, t => Write(t.Value, Sample.Of(t.Value)), StringComparer.Ordinal));

        Assert.True(differences.Count == 0, $"""
            What is stored changed. A new member that may be absent is safe; what renames, removes or gives another meaning needs a new version and a step in Grains/StoredLayouts.cs.
            {string.Join('\n', differences)}
            Where it is meant, run these tests once with SLUICE_WRITE_GOLDEN=1 and commit tests/Unit/Golden/stored.txt; lines of before stay.
            """);
    }

    [Fact]
    public void Everything_that_was_ever_stored_is_read_and_what_is_written_today_is_written_again_byte_by_byte()
    {
        var lines = Golden.Read();

        Assert.Empty(lines.Select(l => l.Key).Except(Types.Keys, StringComparer.Ordinal).Select(name => $"{name} was stored, and no grain reads it any more"));
        Assert.All(lines, of => Assert.Equal(of.Last(), Write(Types[of.Key], Read(Types[of.Key], of.Last()))));
    }

    [Fact]
    public void What_was_stored_in_todays_version_is_not_lost_when_it_is_written_again() => Assert.All(
        from of in Golden.Read()
        from line in of
        select (Type: Types[of.Key], Line: line),
        stored =>
        {
            var again = Write(stored.Type, Read(stored.Type, stored.Line));
            if (string.Equals(Version(stored.Line), Version(again), StringComparison.Ordinal))
            {
                Assert.Empty(Lost(JsonNode.Parse(stored.Line), JsonNode.Parse(again), "$"));
            }
        });

    [Fact]
    public void A_record_of_before_there_were_versions_is_read() => Assert.All(Types.Values, type =>
    {
        var line = Write(type, Sample.Of(type));
        var record = JsonNode.Parse(line)!.AsObject();
        record.Remove(JsonState.VersionName);

        Assert.Equal(line, Write(type, Read(type, record.ToJsonString())));
    });

    private static string? Version(string line) => JsonNode.Parse(line)![JsonState.VersionName]?.ToJsonString();

    // Members of a record that another one does not have with the same value.
    private static IEnumerable<string> Lost(JsonNode? before, JsonNode? after, string path) => (before, after) switch
    {
        (JsonObject b, JsonObject a) => b.SelectMany(member => Lost(member.Value, a[member.Key], $"{path}.{member.Key}")),
        (JsonArray b, JsonArray a) when b.Count == a.Count => b.Zip(a).SelectMany((pair, i) => Lost(pair.First, pair.Second, FormattableString.Invariant($"{path}[{i}]"))),
        _ => JsonNode.DeepEquals(before, after) ? [] : [path],
    };

    private static string Write(Type type, object state) => Encoding.UTF8.GetString(((BinaryData)Method(nameof(IGrainStorageSerializer.Serialize), type).Invoke(Serializer, [state])!).ToArray());

    private static object Read(Type type, string line) => Method(nameof(IGrainStorageSerializer.Deserialize), type).Invoke(Serializer, [new BinaryData(line)])!;

    private static MethodInfo Method(string name, Type type) => typeof(IGrainStorageSerializer).GetMethod(name)!.MakeGenericMethod(type);

    [GeneratedRegex(@"\b(IPersistentState|GrainState|ReadRowAsync|FindRowAsync|ReadStateAsync)<(?<type>\w{2,})>", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Use();
}
