using Sluice.Edge.Identity;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Unit.Edge.Identity;

public sealed class CallerTests
{
    [Theory]
    [InlineData("gpt-4o", true)]
    [InlineData("gpt-4o-mini", false)]
    [InlineData("claude-haiku", true)]
    [InlineData("claude-", true)]
    [InlineData("Claude-haiku", false)]
    [InlineData("", false)]
    public void A_key_may_use_the_models_that_it_names_whole_or_by_prefix(string model, bool may)
    {
        Assert.Equal(may, Caller("gpt-4o", "claude-*").MayUse(model));
    }

    [Fact]
    public void A_key_that_names_no_model_may_use_all()
    {
        Assert.True(Caller().MayUse("anything"));
        Assert.True(new Caller(new KeyIdentity("acme", "k1", null, null, default, "1.ab")).MayUse("anything"));
    }

    [Fact]
    public void A_star_alone_means_all()
    {
        Assert.True(Caller("*").MayUse("anything"));
    }

    private static Caller Caller(params string[] models) => new(new KeyIdentity("acme", "k1", null, null, [.. models], "1.ab"));
}
