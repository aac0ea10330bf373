using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Sluice.Tests.Unit.Architecture;

namespace Sluice.Tests.Unit.Upgrades;

/// <summary>Silos and edges of two releases understand each other during an upgrade: golden bytes of each type that they send.</summary>
public sealed class SentGoldenTests
{
    private static readonly GoldenLines Golden = new("sent.txt");

    // An abstract type is sent as one of those that derive from it.
    private static readonly Type[] Types = [.. WireContract.Sent.Where(t => !t.IsAbstract)];

    private static readonly Serializer Serializer = new ServiceCollection()
        .AddSerializer(builder =>
        {
            foreach (var assembly in Types.Select(t => t.Assembly).Distinct())
            {
                builder.AddAssembly(assembly);
            }
        })
        .BuildServiceProvider().GetRequiredService<Serializer>();

    [Fact]
    public void Each_sent_type_is_written_as_the_committed_bytes()
    {
        var differences = Golden.Differences(Types.ToDictionary(t => WireContract.Alias(t)!, t => Write(Sample.Of(t)), StringComparer.Ordinal));

        Assert.True(differences.Count == 0, $"""
            What silos and edges send each other changed. A new member with a number of its own is safe; changing or removing one breaks an upgrade under load.
            {string.Join('\n', differences)}
            Where it is meant, run these tests once with SLUICE_WRITE_GOLDEN=1 and commit tests/Unit/Golden/sent.txt; lines of before stay.
            """);
    }

    [Fact]
    public void Everything_that_was_ever_sent_is_read_and_what_is_written_today_is_written_again_byte_by_byte() => Assert.All(Golden.Read(), of =>
    {
        var type = Assert.Single(Types, t => string.Equals(WireContract.Alias(t), of.Key, StringComparison.Ordinal));
        Assert.All(of, line => Assert.IsType(type, Read(line)));
        Assert.Equal(of.Last(), Write(Read(of.Last())));
    });

    private static string Write(object value) => Convert.ToHexStringLower(Serializer.SerializeToArray(value));

    private static object Read(string line) => Serializer.Deserialize<object>(Convert.FromHexString(line))!;
}
