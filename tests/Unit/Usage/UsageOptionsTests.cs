using Microsoft.Extensions.Configuration;
using Sluice.Grains.Usage;

namespace Sluice.Tests.Unit.Usage;

public sealed class UsageOptionsTests
{
    [Fact]
    public void A_workspace_may_keep_its_usage_for_another_time()
    {
        var options = Read(("Usage:RecordDays", "30"), ("Usage:WORKSPACES:TEAM-A:RecordDays", "7"));

        Assert.Equal((7, 800), (options.Of("team-a").RecordDays, options.Of("team-a").SumDays));
        Assert.Equal((30, 800), (options.Of("default").RecordDays, options.Of("default").SumDays));
        Assert.Empty(options.Validate());
    }

    [Theory]
    [InlineData("Usage:SumDays", "36501", "Usage:SumDays must be 0 to 36500, is 36501")]
    [InlineData("Usage:SumDays", "10", "Usage:SumDays must not be less than RecordDays")]
    [InlineData("Usage:RecordDays", "0", "Usage:SumDays must not be less than RecordDays")]
    [InlineData("Usage:Workspaces:a:SumDays", "10", "Usage:Workspaces:a:SumDays must not be less than RecordDays")]
    public void What_is_wrong_is_said(string setting, string value, string why) =>
        Assert.StartsWith(why, Assert.Single(Read((setting, value)).Validate()), StringComparison.Ordinal);

    private static UsageOptions Read(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value)).Build().GetSection("Usage").Get<UsageOptions>()!;
}
