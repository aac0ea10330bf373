using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Architecture;

/// <summary>Silos and edges of two releases run side by side during an upgrade: what they send has written names and numbers, and these stay.</summary>
public sealed class WireContractTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "Unit", "Golden", "wire-contract.txt");

    [Fact]
    public void Each_sent_type_has_an_alias_of_its_own()
    {
        Assert.NotEmpty(WireContract.Sent);
        Assert.Empty(WireContract.Sent.Where(t => WireContract.Alias(t) is null).Select(t => $"{t} has [GenerateSerializer] and no [Alias]"));
        Assert.Empty(WireContract.Sent.GroupBy(WireContract.Alias, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).Select(g => $"{string.Join(" and ", g)} have the same alias"));
    }

    [Fact]
    public void Each_sent_member_has_a_number_of_its_own()
    {
        var members = WireContract.Sent.SelectMany(type => WireContract.Members(type).Select(m => (Type: type, m.Id, m.Name))).ToArray();

        Assert.NotEmpty(members);
        Assert.Empty(members.Where(m => m.Id is null).Select(m => $"{m.Type}.{m.Name} has no [Id]"));
        Assert.Empty(members.GroupBy(m => (m.Type, m.Id)).Where(g => g.Skip(1).Any()).Select(g => $"{g.Key.Type} has the id {g.Key.Id} more than once"));
    }

    [Fact]
    public void Each_grain_interface_and_each_of_its_methods_has_an_alias_of_its_own()
    {
        var methods = WireContract.Called.SelectMany(t => t.GetMethods().Where(m => m.IsAbstract)).ToArray();

        Assert.NotEmpty(methods);
        Assert.Empty(WireContract.Called.Where(t => WireContract.Alias(t) is null).Select(t => $"{t} has no [Alias]"));
        Assert.Empty(methods.Where(m => WireContract.Alias(m) is null).Select(m => $"{m.DeclaringType}.{m.Name} has no [Alias]"));
        Assert.Empty(methods.GroupBy(m => (m.DeclaringType, WireContract.Alias(m))).Where(g => g.Skip(1).Any()).Select(g => $"{g.Key} is there more than once"));
    }

    [Fact]
    public void The_contract_is_the_committed_one()
    {
        var now = WireContract.Lines().ToArray();
        if (string.Equals(Environment.GetEnvironmentVariable("SLUICE_WRITE_GOLDEN"), "1", StringComparison.Ordinal))
        {
            File.WriteAllLines(Golden, now);
        }

        var committed = File.ReadAllLines(Golden);
        var gone = committed.Except(now, StringComparer.Ordinal).ToArray();
        var added = now.Except(committed, StringComparer.Ordinal).ToArray();
        Assert.True(
            committed.SequenceEqual(now, StringComparer.Ordinal),
            $"""
             What silos and edges send each other changed. A new type, method or number is safe; changing or removing one breaks an upgrade under load.
             Gone: {string.Join(" | ", gone)}
             New: {string.Join(" | ", added)}
             Where the change is meant, run these tests once with SLUICE_WRITE_GOLDEN=1 and commit tests/Unit/Golden/wire-contract.txt.
             """);
    }
}
