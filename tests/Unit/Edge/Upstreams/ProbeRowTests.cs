using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Upstreams;

public sealed class ProbeRowTests
{
    [Theory]
    [InlineData("-", 1, 1, "-")]
    [InlineData("-+", 1, 1, "-+")]
    [InlineData("--+--", 1, 3, "+++++")]
    [InlineData("---", 1, 3, "++-")]
    [InlineData("-++-++", 2, 1, "--+--+")]
    [InlineData("-+-+-+", 2, 2, "++++++")]
    [InlineData("--+-++", 2, 2, "+----+")]
    public void An_address_changes_after_so_many_in_a_row(string probes, int healthy, int unhealthy, string expected)
    {
        var (row, isWell) = (new ProbeRow(), true);

        var states = probes.Select(probe => (isWell = row.Note(probe is '+', isWell, healthy, unhealthy) ?? isWell) ? '+' : '-');

        Assert.Equal(expected, string.Concat(states));
    }
}
