using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using Anthropic;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Sluice.Tests.Conformance;

/// <summary>Official .NET clients, unchanged, each by Microsoft.Extensions.AI and with each model of a list: the cases of <c>node/matrix.mjs</c>.</summary>
internal sealed class DotNetMatrix(Uri edge, string key)
{
    private const string Image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    private static readonly AIFunction Weather = AIFunctionFactory.Create((string city) => $"It rains in {city}.", "get_weather", "Tells it");
    private static readonly JsonElement Place = JsonDocument.Parse("""{"type":"object","properties":{"zipmark":{"type":"string"}},"required":["zipmark"],"additionalProperties":false}""").RootElement;

    private static readonly (string Name, Func<IChatClient, Task<string>> Run)[] Cases =
    [
        ("text", async client => await client.GetResponseAsync("case:text", Options()) is { FinishReason: null or { Value: "stop" } } answer ? Same(answer.Text, "Hello there") : "another reason to end"),
        ("stream", async client => Same(string.Concat(await client.GetStreamingResponseAsync("case:text", Options()).Select(update => update.Text).ToListAsync()), "Hello there")),
        ("tools", async client => Calls(await client.GetResponseAsync("case:tool", Options(Weather)), "Graz")),
        ("parallel tools", async client => Calls(await client.GetStreamingResponseAsync("case:parallel", Options(Weather)).ToChatResponseAsync(), "Graz", "Linz")),
        ("tool results", ToolResultsAsync),
        ("image", async client => Same((await client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new TextContent("case:image"), new DataContent(Convert.FromBase64String(Image), "image/png")])], Options())).Text, "I see it")),
        ("JSON schema", async client => Same(
            JsonDocument.Parse((await client.GetResponseAsync("case:schema", Options(format: ChatResponseFormat.ForJsonSchema(Place, "place")))).Text).RootElement.GetProperty("zipmark").GetString(), "8010")),
        ("usage", async client => Same((await client.GetResponseAsync("case:text", Options())).Usage is { } usage ? $"{usage.InputTokenCount} {usage.OutputTokenCount}" : "none", "10 5")),
        ("error", ErrorAsync),
        ("abort", AbortAsync),
    ];

    /// <summary>Runs all: <c>client|model|case</c>, and <c>ok</c> or what was seen instead.</summary>
    public async Task<Dictionary<string, string>> RunAsync(IEnumerable<string> models)
    {
        var openai = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(edge, "v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
        using var anthropic = new AnthropicClient { ApiKey = key, BaseUrl = edge.ToString().TrimEnd('/'), MaxRetries = 0 };
        (string Name, Func<string, IChatClient> Of)[] clients =
        [
            ("NuGet OpenAI, chat", model => openai.GetChatClient(model).AsIChatClient()),
            ("NuGet OpenAI, responses", model => openai.GetResponsesClient().AsIChatClient(model)),
            ("NuGet Anthropic", model => anthropic.AsIChatClient(model)),
        ];
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, of) in clients)
        {
            foreach (var model in models)
            {
                using var client = of(model);
                foreach (var (what, run) in Cases)
                {
                    seen[$"{name}|{model}|{what}"] = await SeeAsync(run, client);
                }
            }
        }

        return seen;
    }

    private static async Task<string> SeeAsync(Func<IChatClient, Task<string>> run, IChatClient client)
    {
        try
        {
            return await run(client);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return $"failed: {e.GetType().Name}: {e.Message}";
        }
    }

    private static ChatOptions Options(AITool? tool = null, ChatResponseFormat? format = null) => new() { MaxOutputTokens = 4000, Tools = tool is null ? null : [tool], ResponseFormat = format };

    private static string Same(string? seen, string expected) => string.Equals(seen, expected, StringComparison.Ordinal) ? "ok" : $"saw {JsonSerializer.Serialize(seen)}";

    private static IEnumerable<FunctionCallContent> CallsOf(ChatResponse answer) => answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>();

    private static string Calls(ChatResponse answer, params string[] cities) =>
        Same(string.Join(',', CallsOf(answer).Select(call => $"{call.Name} {call.Arguments?["city"]}")), string.Join(',', cities.Select(city => $"get_weather {city}")));

    private static async Task<string> ToolResultsAsync(IChatClient client)
    {
        var asked = new ChatMessage(ChatRole.User, "case:parallel");
        var first = await client.GetResponseAsync([asked], Options(Weather));
        var results = CallsOf(first).Select((call, i) => (AIContent)new FunctionResultContent(call.CallId, string.Create(CultureInfo.InvariantCulture, $"result-2{i + 1}"))).ToList();
        return Same((await client.GetResponseAsync([asked, .. first.Messages, new ChatMessage(ChatRole.Tool, results)], Options(Weather))).Text, "It is 21 and 22");
    }

    private static async Task<string> ErrorAsync(IChatClient client)
    {
        try
        {
            await client.GetResponseAsync("case:fail", Options());
            return "no error";
        }
        catch (ClientResultException e)
        {
            return Same($"{e.Status} {e.Message.Contains("Slow down", StringComparison.Ordinal)}", "429 True");
        }
        catch (Anthropic.Exceptions.AnthropicRateLimitException e)
        {
            return e.Message.Contains("Slow down", StringComparison.Ordinal) ? "ok" : $"saw {e.Message}";
        }
    }

    private static async Task<string> AbortAsync(IChatClient client)
    {
        await foreach (var update in client.GetStreamingResponseAsync("case:slow", Options()))
        {
            if (update.Text.Length > 0)
            {
                break;
            }
        }

        return "ok";
    }
}
