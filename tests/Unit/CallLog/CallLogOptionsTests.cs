using Sluice.Grains.CallLog;

namespace Sluice.Tests.Unit.CallLog;

public sealed class CallLogOptionsTests
{
    [Fact]
    public void What_is_usual_is_right_and_all_that_is_wrong_is_named()
    {
        Assert.Empty(new CallLogOptions().Validate());
        Assert.Equal(
            ["CallLog:Days must be 0 to 36500, is -1", "CallLog:SearchMegabytes must be 64 to 65536, is 1", "CallLog:SearchThreads must be 1 to 64, is 0"],
            new CallLogOptions { Days = -1, SearchMegabytes = 1, SearchThreads = 0 }.Validate());
    }
}
