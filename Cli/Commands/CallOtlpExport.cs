using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Cli.Otlp;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>Sends calls of the log to a collector of OpenTelemetry.</summary>
internal static class CallOtlpExport
{
    private const int CallsAtOnce = 500;

    // Collectors take 4 MiB at a time, some no more: a line with bodies is nearly as long as its record.
    private const int LengthAtOnce = 2 << 20;

    /// <summary>Sends them in the order in which they are told, some at a time.</summary>
    /// <param name="session">Where they come from.</param>
    /// <param name="path">What is asked.</param>
    /// <param name="collector">Where they go.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<int> RunAsync(AdminSession session, string path, OtlpCollector collector, CancellationToken cancellation)
    {
        using var answer = await session.Client.OpenAsync(HttpMethod.Get, path, null, null, cancellation);
        var (sent, rejected) = (0L, 0L);
        await foreach (var calls in PartsAsync(CallExport.LinesAsync(answer, cancellation)))
        {
            rejected += await collector.SendAsync(CallRecords.Write(calls), cancellation);
            sent += calls.Count;
            if (!Console.IsErrorRedirected)
            {
                await session.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{sent:N0} calls"));
            }
        }

        session.Tell(
            new { Calls = sent, Rejected = rejected, Collector = collector.Address },
            string.Create(CultureInfo.InvariantCulture, $"{sent:N0} calls were sent to {collector.Address}{(rejected > 0 ? $", which did not take {rejected:N0} of them" : "")}"));
        return rejected > 0 ? ExitCode.Failed : ExitCode.Done;
    }

    private static async IAsyncEnumerable<List<CallView>> PartsAsync(IAsyncEnumerable<string> lines)
    {
        var (part, length) = (new List<CallView>(), 0L);
        await foreach (var line in lines)
        {
            if (part.Count > 0 && (part.Count == CallsAtOnce || length + line.Length > LengthAtOnce))
            {
                yield return part;
                (part, length) = ([], 0);
            }

            part.Add(JsonSerializer.Deserialize<CallView>(line, AdminJson.Options)!);
            length += line.Length;
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }
}
