using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Bench.Calls;

/// <summary>Calls as a busy gateway has them, the same at each run: 200 tenants of unequal size, six models, five routes, a rush by day, some failures and second attempts.</summary>
internal sealed class MadeCalls(DateTimeOffset begin, int days, long total)
{
    public const int Tenants = 200;
    private static readonly (string Model, string Target, int InputNano, int OutputNano)[] Models =
    [
        ("fast", "openai/gpt-4o-mini", 150, 600), ("best", "openai/gpt-4o", 2_500, 10_000), ("careful", "anthropic/claude-haiku-4-5", 1_000, 5_000),
        ("long", "gemini/gemini-2.5-pro", 1_250, 10_000), ("cheap", "groq/llama-3.1-8b-instant", 50, 80), ("own", "ollama/qwen3", 0, 0),
    ];

    private static readonly string[] Features = ["search", "chat", "summary", "mail", "code", "translate"];

    /// <summary>The calls of a day in the order of their ends.</summary>
    public IEnumerable<LoggedCall> Day(int day)
    {
        var random = new Random(day + 1);
        var count = (int)(total / days);
        for (var i = 0; i < count; i++)
        {
            // Twice as many at noon as at night.
            var share = (i + random.NextDouble()) / count;
            var hour = 24 * (share + (Math.Sin((share * 2 * Math.PI) - Math.PI) * -0.08));
            yield return Call(random, begin.AddDays(day).AddHours(Math.Clamp(hour, 0, 23.999)), i, day);
        }
    }

    private static LoggedCall Call(Random random, DateTimeOffset ended, int i, int day)
    {
        var tenant = (int)(Math.Pow(random.NextDouble(), 3) * Tenants);
        var isRoute = random.Next(10) < 3;
        var (model, target, inputNano, outputNano) = Models[(int)(Math.Pow(random.NextDouble(), 2) * Models.Length)];
        var status = random.Next(1_000) switch { < 6 => 502, < 20 => 429, < 25 => 400, < 28 => 499, _ => 200 };
        var first = 80_000 + (long)(-Math.Log(1 - random.NextDouble()) * 300_000);
        var latency = isRoute ? 2_000 + (long)(-Math.Log(1 - random.NextDouble()) * 20_000) : first + (long)(-Math.Log(1 - random.NextDouble()) * 2_000_000);
        var tokens = isRoute || status >= 400 ? default : new TokenCounts { Input = random.Next(50, 4_000), Output = random.Next(10, 900), CachedRead = random.Next(4) == 0 ? 40 : 0 };
        var cost = (tokens.Input * inputNano) + (tokens.Output * outputNano);
        var arrived = ended.AddTicks(-latency * TimeSpan.TicksPerMicrosecond);
        var tries = isRoute ? ImmutableArray<LoggedTry>.Empty
            : random.Next(50) == 0 ? [new LoggedTry(1, "azure/spare", 503, UsageSource.None, 0, 90, 120, null, 60_000), new LoggedTry(2, target, status, UsageSource.Reported, cost, 60_100, 60_200, first, latency)]
            : [new LoggedTry(1, target, status, UsageSource.Reported, cost, 90, 120, first, latency)];
        return new LoggedCall(
            string.Create(CultureInfo.InvariantCulture, $"req_{arrived.ToUnixTimeMilliseconds():x11}be4c{day:x4}{i:x8}"),
            string.Create(CultureInfo.InvariantCulture, $"tenant-{tenant}"),
            string.Create(CultureInfo.InvariantCulture, $"key_{tenant:x4}{random.Next(5)}"),
            random.Next(3) == 0 ? string.Create(CultureInfo.InvariantCulture, $"user-{random.Next(1_000)}") : "",
            [$"feature={Features[random.Next(Features.Length)]}"],
            isRoute ? "GET" : "POST",
            "gateway.example.com",
            isRoute ? string.Create(CultureInfo.InvariantCulture, $"/orders/{random.Next(100_000)}") : "/v1/chat/completions",
            isRoute ? string.Create(CultureInfo.InvariantCulture, $"route/orders-{random.Next(5)}") : model,
            isRoute ? "orders-v1" : target,
            random.Next(10) == 0 && !isRoute ? string.Create(CultureInfo.InvariantCulture, $"summary@{random.Next(1, 4)}") : "",
            !isRoute && random.Next(2) == 0,
            status,
            isRoute ? UsageSource.None : UsageSource.Reported,
            tokens,
            cost,
            arrived,
            new CallTimes(isRoute ? null : 60, isRoute ? null : 120, isRoute ? null : first, latency),
            tries,
            "bench",
            day / 5);
    }
}
