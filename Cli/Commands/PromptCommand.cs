using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice prompt</c></summary>
internal static class PromptCommand
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    public static Command Define()
    {
        var name = new Argument<string>("prompt") { Description = "The prompt's name." };
        var version = new Option<int?>("--prompt-version") { Description = "The version; the live one when not given." };
        var variables = new Option<string[]>("--var") { Description = "A variable, name=value; a value that is JSON is taken as that.", AllowMultipleArgumentsPerToken = true };
        var file = new Option<FileInfo?>("--file") { Description = "The variables, a file with a JSON object." };
        var render = new Option<bool>("--render") { Description = "Print what would be sent, and send nothing." };
        var edge = new Option<string?>("--edge") { Description = "The edge's address; SLUICE_EDGE, or http://localhost:8080." };
        var key = new Option<string?>("--key") { Description = "A tenant's key; SLUICE_KEY." };
        var test = new Command("test", "Render one version of a prompt with variables, ask its model, and print the answer with its tokens, cost and time.") { name, version, variables, file, render, edge, key };
        test.SetAction((parsed, cancellation) => RunAsync(
            new Uri(parsed.GetValue(edge) ?? Environment.GetEnvironmentVariable("SLUICE_EDGE") ?? "http://localhost:8080"),
            parsed.GetValue(key) ?? Environment.GetEnvironmentVariable("SLUICE_KEY"),
            PathOf(parsed.GetRequiredValue(name), parsed.GetValue(version), parsed.GetValue(render)),
            () => Read(parsed.GetValue(file), parsed.GetValue(variables) ?? []),
            parsed.InvocationConfiguration,
            cancellation));
        return new Command("prompt", "Show, try and compare prompts.") { PromptResourceCommands.DefineList(), PromptResourceCommands.DefineShow(), test, PromptResultsCommand.Define() };
    }

    private static string PathOf(string name, int? version, bool renders) =>
        string.Create(CultureInfo.InvariantCulture, $"/v1/prompts/{Uri.EscapeDataString(name)}{(version is { } number ? $"@{number}" : "")}{(renders ? "?render=true" : "")}");

    private static async Task<int> RunAsync(Uri edge, string? key, string path, Func<JsonObject> read, InvocationConfiguration console, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = edge, Timeout = Bound };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            using var content = new StringContent(read().ToJsonString(), Encoding.UTF8, "application/json");
            var begun = Stopwatch.GetTimestamp();
            using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content, cancellation);
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation));
            return answer.IsSuccessStatusCode ? Print(answer, body, Stopwatch.GetElapsedTime(begun), console) : Refuse(console, (string?)body?["detail"] ?? $"the edge answered {(int)answer.StatusCode}");
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Refuse(console, failure.Message);
        }
    }

    private static int Print(HttpResponseMessage answer, JsonNode? body, TimeSpan took, InvocationConfiguration console)
    {
        if (body?["messages"] is not null)
        {
            console.Output.WriteLine(body.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
            return ExitCode.Done;
        }

        console.Output.WriteLine((string?)body?["text"]);
        var cost = answer.Headers.TryGetValues("sluice-cost", out var told) ? $", {told.First()} USD" : "";
        var prompt = answer.Headers.TryGetValues("sluice-prompt", out var which) ? which.First() : "";
        console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{prompt}: {body?["usage"]?["inputTokens"]} tokens read, {body?["usage"]?["outputTokens"]} written{cost}, {took.TotalMilliseconds:0} ms"));
        return ExitCode.Done;
    }

    private static JsonObject Read(FileInfo? file, string[] given)
    {
        var variables = file is null ? [] : JsonNode.Parse(File.ReadAllText(file.FullName)) as JsonObject ?? throw new UsageException($"{file.Name} must hold a JSON object.");
        foreach (var pair in given)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                throw new UsageException($"--var must be name=value; is '{pair}'.");
            }

            variables[pair[..at]] = ValueOf(pair[(at + 1)..]);
        }

        return variables;
    }

    private static JsonNode? ValueOf(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static int Refuse(InvocationConfiguration console, string why)
    {
        console.Error.WriteLine($"sluice: {why}");
        return ExitCode.Failed;
    }
}
