using Sluice.Edge.Pipeline.Routes;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Edge.Pipeline;

public sealed class VisitorIdsTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private readonly VisitorIds _ids = new(Key);

    [Fact]
    public void An_id_that_one_edge_issued_holds_on_every_other()
    {
        var value = _ids.Issue("visitor");

        Assert.Equal(value[..IssuedId.PartLength], new VisitorIds(Key).Find("visitor", value));
        Assert.NotEqual(value, _ids.Issue("visitor"));
        Assert.Equal(IssuedId.Length, value.Length);
    }

    [Fact]
    public void An_id_that_was_altered_or_issued_for_another_cookie_or_workspace_does_not_hold()
    {
        var value = _ids.Issue("visitor");
        var other = _ids.Issue("visitor");
        string?[] forged = [null, "", value[..^1], $"{value}a", value.Replace('.', '-'), $"{other[..IssuedId.PartLength]}{value[IssuedId.PartLength..]}", new string('a', IssuedId.Length), new string('.', IssuedId.Length)];

        Assert.All(forged, one => Assert.Null(_ids.Find("visitor", one)));
        Assert.Null(_ids.Find("guest", value));
        Assert.Null(new VisitorIds(new byte[32]).Find("visitor", value));
    }
}
