using System.Text;
using System.Text.Json.Nodes;
using Sluice.Storage;

namespace Sluice.Tests.Unit.Upgrades;

/// <summary>The version of a stored record, and what becomes of records of other versions.</summary>
public sealed class JsonStateTests
{
    // Version 1 had "title", version 2 "name", and version 3, which the release after this one writes, "label".
    private static readonly JsonState Second = new([new StateLayout(typeof(Thing), 2, new Dictionary<int, Func<JsonObject, JsonObject>>
    {
        [1] = Rename("title", "name"),
        [3] = Rename("label", "name"),
    })]);

    [Fact]
    public void A_record_begins_with_its_version()
    {
        Assert.Equal("""{"$version":1,"name":"a","number":1}""", Write(new JsonState([]), new Thing("a", 1)));
        Assert.Equal("""{"$version":2,"name":"a","number":1}""", Write(Second, new Thing("a", 1)));
    }

    [Fact]
    public void A_record_without_members_has_a_version_too()
    {
        Assert.Equal("""{"$version":1}""", Write(new JsonState([]), new Nothing()));
        Assert.Equal(new Nothing(), Read<Nothing>(new JsonState([]), """{"$version":1}"""));
    }

    [Theory]
    [InlineData("""{"$version":2,"name":"a","number":1}""")]
    [InlineData("""{"number":1,"name":"a","$version":2}""")]
    [InlineData("""{"$version":1,"title":"a","number":1}""")]
    [InlineData("""{"title":"a","number":1}""")]
    [InlineData("""{"$version":3,"label":"a","number":1}""")]
    public void Every_version_that_is_known_is_read_as_todays(string record) => Assert.Equal(new Thing("a", 1), Read<Thing>(Second, record));

    [Fact]
    public void A_member_that_is_not_known_is_left_out() =>
        Assert.Equal(new Thing("a", 1), Read<Thing>(new JsonState([]), """{"$version":1,"name":"a","number":1,"colour":"red"}"""));

    [Fact]
    public void A_newer_record_is_refused_with_its_version_and_what_to_do()
    {
        var error = Assert.Throws<InvalidDataException>(() => Read<Thing>(Second, """{"$version":4,"x":1}"""));

        Assert.Equal("the record has version 4 and was written by a newer Sluice; this one reads versions up to 3. Start silos of the newer release, or restore a backup of before it", error.Message);
    }

    [Fact]
    public void A_record_from_which_no_step_leads_here_is_refused_with_its_version_and_what_to_do()
    {
        var third = new JsonState([new StateLayout(typeof(Thing), 3, new Dictionary<int, Func<JsonObject, JsonObject>> { [2] = Rename("name", "label") })]);

        Assert.Contains("has version 1, and this Sluice reads versions from 2 on", Assert.Throws<InvalidDataException>(() => Read<Thing>(third, "{}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"1\"")]
    [InlineData("null")]
    public void A_version_that_is_none_is_refused(string version) =>
        Assert.Throws<InvalidDataException>(() => Read<Thing>(Second, $$"""{"$version":{{version}},"name":"a","number":1}"""));

    [Theory]
    [InlineData(2, new[] { 2 })]
    [InlineData(3, new[] { 1 })]
    [InlineData(1, new[] { 3 })]
    [InlineData(1, new[] { 0 })]
    [InlineData(0, new int[0])]
    public void A_layout_with_a_hole_between_its_versions_is_refused(int version, int[] steps) => Assert.Throws<ArgumentException>(() =>
        new JsonState([new StateLayout(typeof(Thing), version, steps.ToDictionary(s => s, _ => Rename("a", "b")))]));

    [Fact]
    public void A_state_that_has_no_place_for_a_version_is_refused() => Assert.Throws<NotSupportedException>(() => new JsonState([]).Serialize("text"));

    private static Func<JsonObject, JsonObject> Rename(string from, string to) => record =>
    {
        record.Remove(from, out var value);
        record[to] = value;
        return record;
    };

    private static string Write<T>(JsonState serializer, T state) => Encoding.UTF8.GetString(serializer.Serialize(state).ToArray());

    private static T Read<T>(JsonState serializer, string record) => serializer.Deserialize<T>(new BinaryData(record));

    private sealed record Thing(string Name, int Number);

    private sealed record Nothing;
}
