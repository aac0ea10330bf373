using Microsoft.AspNetCore.Http;
using Sluice.Edge.Pipeline;

namespace Sluice.Tests.Unit.Edge.Pipeline;

public sealed class CallTagsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_the_header_there_are_none(string? header)
    {
        Assert.True(Read(out var tags, out _, header!));
        Assert.Empty(tags);
    }

    [Fact]
    public void They_are_read_by_name_from_all_lines()
    {
        Assert.True(Read(out var tags, out _, "team=search, feature=Auto.Complete", "cost-centre=4711"));
        Assert.Equal(["cost-centre=4711", "feature=Auto.Complete", "team=search"], tags);
    }

    [Theory]
    [InlineData("team", "'team'")]
    [InlineData("team=", "'team='")]
    [InlineData("Team=a", "'Team=a'")]
    [InlineData("team=a b", "'team=a b'")]
    [InlineData("team=a,,b=c", "''")]
    [InlineData("team=a=b", "'team=a=b'")]
    [InlineData("a=b,a=c", "'a' is there twice")]
    [InlineData("a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1", "there are 9")]
    public void What_is_not_right_is_said(string header, string why)
    {
        Assert.False(Read(out var tags, out var error, header));
        Assert.Empty(tags);
        Assert.Equal((400, CallTags.Header), (error!.Status, error.Param));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_and_a_value_have_their_length()
    {
        Assert.True(Read(out _, out _, $"{new string('n', 32)}={new string('v', 64)}"));
        Assert.False(Read(out _, out _, $"{new string('n', 33)}=v"));
        Assert.False(Read(out _, out _, $"n={new string('v', 65)}"));
    }

    private static bool Read(out System.Collections.Immutable.ImmutableArray<string> tags, out ClientError? error, params string[] lines)
    {
        var http = new DefaultHttpContext();
        if (lines is not [null])
        {
            http.Request.Headers[CallTags.Header] = lines;
        }

        return CallTags.TryRead(http.Request, out tags, out error);
    }
}
