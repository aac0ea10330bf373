using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Revisions.Reading;
using Sluice.Silo.Admin;
using Spectre.Console;

namespace Sluice.Cli.Load;

/// <summary><c>sluice bench</c></summary>
internal static class BenchCommand
{
    private const int MostClients = 256;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static Command Define()
    {
        var edge = new Option<string?>("--edge") { Description = "The edge's address; else SLUICE_EDGE_URL, else http://127.0.0.1:8080." };
        var key = new Option<string?>("--key") { Description = "A client's key; else SLUICE_KEY, which does not show in the list of processes." };
        var model = new Option<string?>("--model") { Description = "The model that is asked; sandbox when no path is given either." };
        var path = new Option<string?>("--path") { Description = "A plain route's path, which is got, in place of a model." };
        var stream = new Option<bool>("--stream") { Description = "Have the model's answers streamed." };
        var tokens = new Option<int>("--max-tokens") { Description = "How long an answer may be (32).", DefaultValueFactory = _ => 32 };
        var clients = new Option<int>("--clients") { Description = "Requests at one time, 1 to 256 (8).", DefaultValueFactory = _ => 8 };
        var length = new Option<string>("--time") { Description = "How long, such as 10s; 5m at most (10s).", DefaultValueFactory = _ => "10s" };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of a table." };
        var command = new Command("bench", "Put a small load on a running edge and tell its percentiles. What it asks is served and charged as any request is.") { edge, key, model, path, stream, tokens, clients, length, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(path) is not null && parsed.GetValue(model) is not null)
            {
                throw new UsageException("--path and --model do not go together: one of them is asked");
            }

            var plan = Plan(
                parsed.GetValue(edge) ?? Environment.GetEnvironmentVariable("SLUICE_EDGE_URL") ?? "http://127.0.0.1:8080",
                parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("SLUICE_KEY"),
                parsed.GetValue(path),
                parsed.GetValue(path) is null ? Body(parsed.GetValue(model) ?? "sandbox", parsed.GetValue(stream), parsed.GetValue(tokens)) : null,
                parsed.GetValue(clients),
                parsed.GetRequiredValue(length));
            var output = parsed.InvocationConfiguration.Output;
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            var result = parsed.GetValue(json) || !console.Profile.Out.IsTerminal
                ? await LoadRun.RunAsync(plan, TimeProvider.System, static _ => { }, cancellation)
                : await console.Progress().StartAsync(async progress =>
                {
                    var bar = progress.AddTask($"{plan.Clients.ToString(CultureInfo.InvariantCulture)} clients at {plan.Edge}", maxValue: 1);
                    var answered = await LoadRun.RunAsync(plan, TimeProvider.System, share => bar.Value = share, cancellation);
                    bar.Value = 1;
                    return answered;
                });
            await WriteAsync(output, result, parsed.GetValue(json));
            return result.LatencyMs is null ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static LoadPlan Plan(string edge, string? key, string? path, string? body, int clients, string time)
    {
        if (!Uri.TryCreate(edge, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"--edge must be an address that begins with http:// or https://, is '{edge}'");
        }

        if (path is not null && !path.StartsWith('/'))
        {
            throw new UsageException($"--path must begin with /, is '{path}'");
        }

        if (clients is < 1 or > MostClients)
        {
            throw new UsageException($"--clients must be 1 to {MostClients.ToString(CultureInfo.InvariantCulture)}, is {clients.ToString(CultureInfo.InvariantCulture)}");
        }

        if (!Durations.TryParse(time, out var length) || length <= TimeSpan.Zero || length > Longest)
        {
            throw new UsageException($"--time must be a time such as 10s, 5m at most, is '{time}'");
        }

        return new LoadPlan(address, path ?? "/v1/chat/completions", body, string.IsNullOrWhiteSpace(key) ? null : key.Trim(), clients, length);
    }

    private static string Body(string model, bool stream, int tokens) => JsonSerializer.Serialize(new
    {
        model,
        stream,
        max_tokens = tokens,
        messages = new[] { new { role = "user", content = "What is a gateway good for?" } },
    });

    private static async Task WriteAsync(TextWriter output, LoadResult result, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(result, AdminJson.Options));
            return;
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{result.Requests:N0} requests in {result.Seconds:0.0} s: {result.PerSecond:N1} a second"));
        await output.WriteLineAsync("status " + string.Join(", ", result.Statuses.Select(status => string.Create(CultureInfo.InvariantCulture, $"{(status.Key == 0 ? "none" : status.Key)}: {status.Value:N0}"))));
        await TellAsync("latency", result.LatencyMs);
        await TellAsync("first byte", result.FirstMs);

        Task TellAsync(string what, LoadTimes? times) => times is null
            ? Task.CompletedTask
            : output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what}, ms: mean {times.Mean:0.0}, p50 {times.P50:0.0}, p95 {times.P95:0.0}, p99 {times.P99:0.0}, most {times.Most:0.0}"));
    }
}
