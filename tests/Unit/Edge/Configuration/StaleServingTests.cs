using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Configuration;

public sealed class StaleServingTests
{
    private static readonly WorkspaceResource Closed = new("default", Strict: false, WithoutLease.Closed, MaxStale: null);

    [Fact]
    public void Where_nobody_says_anything_the_last_revision_serves_on_for_as_long_as_it_takes() =>
        Assert.True(StaleServing.Allows(new EdgeOptions(), WorkspaceResource.Undeclared, TimeSpan.FromDays(9)));

    [Fact]
    public void What_the_workspace_or_the_edge_forbids_is_forbidden()
    {
        Assert.False(StaleServing.Allows(new EdgeOptions(), Closed, TimeSpan.Zero));
        Assert.False(StaleServing.Allows(new EdgeOptions { ServeStale = false }, WorkspaceResource.Undeclared, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(null, 10, 9, true)]
    [InlineData(null, 10, 10, false)]
    [InlineData(5, 10, 4, true)]
    [InlineData(5, 10, 5, false)]
    [InlineData(20, 10, 10, false)]
    [InlineData(5, null, 5, false)]
    public void Of_two_times_the_shorter_one_holds(int? edge, int? workspace, int staleFor, bool expected)
    {
        var options = new EdgeOptions { MaxStale = edge is { } most ? TimeSpan.FromMinutes(most) : null };
        var resource = WorkspaceResource.Undeclared with { MaxStale = workspace is { } longest ? TimeSpan.FromMinutes(longest) : null };

        Assert.Equal(expected, StaleServing.Allows(options, resource, TimeSpan.FromMinutes(staleFor)));
    }
}
