using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>Calls for tests.</summary>
internal static class LoggedCalls
{
    public static readonly DateTimeOffset Time = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static LoggedCall Call(string request, int secondsLater = 0) => new(
        request,
        "acme",
        "k1",
        "ada",
        ["team=search"],
        "POST",
        "api.example.com",
        "/v1/chat/completions",
        "gpt",
        "openai/gpt-4o",
        "summary@2",
        true,
        200,
        UsageSource.Reported,
        new TokenCounts { Input = 10, CachedRead = 4, Output = 7, Reasoning = 2 },
        1_234_567,
        Time.AddSeconds(secondsLater),
        new CallTimes(100, 250, 90_000, 1_500_000),
        [new LoggedTry(1, "azure/gpt-4o", 503, UsageSource.None, 0, 120, 130, null, 60_000), new LoggedTry(2, "openai/gpt-4o", 200, UsageSource.Reported, 1_234_567, 60_100, 60_200, 90_000, 1_499_000)],
        "edge-1",
        42);
}
