using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads how an upstream is guarded: <c>retry</c>, <c>ejection</c>, <c>circuit</c>.</summary>
internal static class UpstreamPolicyReader
{
    private const string Triggers = "connect, reset, timeout, or a status: 408, 425, 429, 500 to 599";
    private const int MostAtOnce = 1_000_000;

    public static RetryPolicy? ReadRetry(Fields fields)
    {
        if (fields.Object("retry") is not { } retry)
        {
            return null;
        }

        var policy = new RetryPolicy(
            (int)retry.Number("attempts", 2, 5, 3),
            ReadTriggers(retry),
            Percents.Read(retry, "budget", least: 0, fallback: 20),
            retry.Has("tryTimeout") ? retry.Time("tryTimeout", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), TimeSpan.FromSeconds(100)) : null);
        retry.Close();
        return policy;
    }

    public static EjectionPolicy? ReadEjection(Fields fields)
    {
        if (fields.Object("ejection") is not { } ejection)
        {
            return null;
        }

        var policy = new EjectionPolicy(
            (int)ejection.Number("inARow", 1, 1000, 5),
            Percents.Read(ejection, "share", least: 1, fallback: 50),
            (int)ejection.Number("requests", 1, MostAtOnce, 20),
            ejection.Time("interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromSeconds(10)),
            ejection.Time("time", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromSeconds(5)),
            ejection.Time("longest", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), TimeSpan.FromMinutes(5)),
            Percents.Read(ejection, "most", least: 1, fallback: 50),
            Percents.Read(ejection, "panic", least: 0, fallback: 30));
        if (policy.Longest < policy.Time)
        {
            ejection.Wrong("longest", "must not be shorter than time, which is the first ejection's");
        }

        ejection.Close();
        return policy;
    }

    public static CircuitPolicy? ReadCircuit(Fields fields, UpstreamProtocol protocol)
    {
        if (fields.Object("circuit") is not { } circuit)
        {
            return null;
        }

        var policy = new CircuitPolicy(ReadMost(circuit, "maxRequests"), (int)circuit.Number("maxPending", 0, MostAtOnce, 0), ReadMost(circuit, "maxConnections"));
        if (policy is { MaxRequests: null, MaxConnections: null })
        {
            circuit.Wrong("maxRequests", "one of maxRequests and maxConnections must be there: without them nothing is bounded");
        }
        else if (policy is { MaxRequests: null, MaxPending: > 0 })
        {
            circuit.Wrong("maxPending", "counts those that wait for maxRequests; give that too, or leave it out");
        }

        if (policy.MaxConnections is not null && protocol is UpstreamProtocol.Http2)
        {
            circuit.Wrong("maxConnections", "has no effect with protocol http2, whose requests share connections; give maxRequests instead");
        }

        circuit.Close();
        return policy;
    }

    private static int? ReadMost(Fields circuit, string field) => circuit.Has(field) ? (int)circuit.Number(field, 1, MostAtOnce, 1) : null;

    private static RetryTriggers ReadTriggers(Fields retry)
    {
        if (!retry.Has("on"))
        {
            return RetryTriggers.Default;
        }

        var named = new HashSet<string>(StringComparer.Ordinal);
        var statuses = ImmutableArray.CreateBuilder<int>();
        foreach (var (path, entry) in retry.Entries("on", required: true, "a text or a number", JsonValueKind.String, JsonValueKind.Number))
        {
            var isNew = true;
            if (entry.ValueKind is JsonValueKind.String && entry.GetString() is "connect" or "reset" or "timeout")
            {
                isNew = named.Add(entry.GetString()!);
            }
            else if (entry.ValueKind is JsonValueKind.Number && entry.TryGetInt32(out var status) && status is 408 or 425 or 429 or (>= 500 and <= 599))
            {
                isNew = !statuses.Contains(status);
                statuses.Add(status);
            }
            else
            {
                retry.Wrong(path, $"must be {Triggers}; is {entry.GetRawText()}");
            }

            if (!isNew)
            {
                retry.Wrong(path, $"{entry.GetRawText()} stands here twice");
            }
        }

        return new RetryTriggers(named.Contains("connect"), named.Contains("reset"), named.Contains("timeout"), statuses.ToImmutable());
    }
}
