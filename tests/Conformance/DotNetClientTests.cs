using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>The official .NET client, unchanged, against a started gateway.</summary>
public sealed class DotNetClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "get_weather", "The weather somewhere.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    [Fact]
    public async Task A_chat_is_answered_with_its_usage()
    {
        ChatCompletion answer = await Chat("sandbox?tokens=5").CompleteChatAsync("Hello");
        Assert.Equal("This is the Sluice sandbox", answer.Content[0].Text);
        Assert.Equal(5, answer.Usage.OutputTokenCount);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
    }

    [Fact]
    public async Task A_call_with_an_idempotency_key_is_executed_once()
    {
        var first = await AskAsync();
        var repeat = await Eventually.GetAsync(
            async () =>
            {
                try
                {
                    return await AskAsync();
                }
                catch (ClientResultException e) when (e.Status == 409)
                {
                    return null;
                }
            },
            "the first has ended");
        Assert.Equal(first.GetRawResponse().Content.ToString(), repeat.GetRawResponse().Content.ToString());
        Assert.True(repeat.GetRawResponse().Headers.TryGetValue("idempotent-replayed", out _));

        Task<ClientResult> AskAsync()
        {
            var options = new RequestOptions();
            options.SetHeader("Idempotency-Key", "of this test");
            return Chat("sandbox").CompleteChatAsync(BinaryContent.Create(BinaryData.FromString("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}""")), options);
        }
    }

    [Fact]
    public async Task A_stream_comes_in_pieces_to_its_end()
    {
        var pieces = new List<string>();
        ChatFinishReason? finish = null;
        await foreach (var update in Chat("sandbox?tokens=5").CompleteChatStreamingAsync("Hello"))
        {
            pieces.AddRange(update.ContentUpdate.Select(c => c.Text).Where(t => t.Length > 0));
            finish = update.FinishReason ?? finish;
        }

        Assert.Equal(["This", " is", " the", " Sluice", " sandbox"], pieces);
        Assert.Equal(ChatFinishReason.Stop, finish);
    }

    [Fact]
    public async Task A_tool_is_called_and_its_result_is_answered_with_text()
    {
        var options = new ChatCompletionOptions { Tools = { Weather } };
        List<ChatMessage> messages = [new UserChatMessage("How is the weather?")];
        ChatCompletion call = await Chat("sandbox").CompleteChatAsync(messages, options);
        var asked = Assert.Single(call.ToolCalls);
        Assert.Equal(ChatFinishReason.ToolCalls, call.FinishReason);
        Assert.Equal(("get_weather", """{"city":"sandbox"}"""), (asked.FunctionName, asked.FunctionArguments.ToString()));
        messages.Add(new AssistantChatMessage(call));
        messages.Add(new ToolChatMessage(asked.Id, "sunny"));
        ChatCompletion answer = await Chat("sandbox").CompleteChatAsync(messages, options);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.NotEmpty(answer.Content[0].Text);
    }

    [Fact]
    public async Task A_streamed_tool_call_comes_together()
    {
        var arguments = new MemoryStream();
        await foreach (var update in Chat("sandbox").CompleteChatStreamingAsync([new UserChatMessage("Weather?")], new ChatCompletionOptions { Tools = { Weather } }))
        {
            foreach (var part in update.ToolCallUpdates)
            {
                await arguments.WriteAsync(part.FunctionArgumentsUpdate.ToMemory());
            }
        }

        Assert.Equal("""{"city":"sandbox"}""", System.Text.Encoding.UTF8.GetString(arguments.ToArray()));
    }

    [Fact]
    public async Task Embeddings_are_as_long_as_asked_and_equal_for_equal_texts()
    {
        OpenAIEmbeddingCollection answer = await new EmbeddingClient("sandbox", Key(), Options()).GenerateEmbeddingsAsync(["one", "two", "one"], new EmbeddingGenerationOptions { Dimensions = 8 });
        Assert.Equal(3, answer.Count);
        Assert.Equal(8, answer[0].ToFloats().Length);
        Assert.Equal(answer[0].ToFloats().ToArray(), answer[2].ToFloats().ToArray());
        Assert.NotEqual(answer[0].ToFloats().ToArray(), answer[1].ToFloats().ToArray());
    }

    [Fact]
    public async Task Embeddings_by_a_provider_of_Geminis_dialect_are_read_as_its_own()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.Body.WriteAsync("""{"embeddings":[{"values":[0.5,-1]},{"values":[0.25,2e-3]}],"usageMetadata":{"promptTokenCount":7}}"""u8.ToArray(), http.RequestAborted).AsTask();
        });
        await shared.Gateway.ApplyAsync($$"""
            kind: Provider
            name: gemini-embeddings
            dialect: gemini
            address: {{provider.Address}}/v1beta
            ---
            kind: Model
            name: gemini-embeddings
            targets: [{ provider: gemini-embeddings, model: gemini-embedding-001 }]
            """);
        OpenAIEmbeddingCollection answer = await new EmbeddingClient("gemini-embeddings", Key(), Options()).GenerateEmbeddingsAsync(["one", "two"]);

        Assert.Equal([0.5f, -1f, 0.25f, 2e-3f], answer.SelectMany(e => e.ToFloats().ToArray()));
        Assert.Equal((7, "gemini-embedding-001"), (answer.Usage.InputTokenCount, answer.Model));
    }

    [Fact]
    public async Task The_models_that_the_key_may_use_are_listed()
    {
        OpenAIModelCollection models = await new OpenAIModelClient(Key(), Options()).GetModelsAsync();
        Assert.Contains(models, m => string.Equals(m.Id, "sandbox", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sandbox", "slc_live_wrong", 401)]
    [InlineData("no-such-model", null, 404)]
    [InlineData("sandbox?error=429", null, 429)]
    [InlineData("sandbox?error=500", null, 500)]
    [InlineData("sandbox?colour=blue", null, 400)]
    public async Task Errors_have_the_status_that_the_client_understands(string model, string? key, int status)
    {
        var client = new ChatClient(model, key is null ? Key() : new ApiKeyCredential(key), Options());
        var error = await Assert.ThrowsAsync<ClientResultException>(() => client.CompleteChatAsync("Hello"));
        Assert.Equal(status, error.Status);
    }

    private ChatClient Chat(string model) => new(model, Key(), Options());

    private ApiKeyCredential Key() => new(shared.Gateway.TenantKey);

    private OpenAIClientOptions Options() => new() { Endpoint = new Uri(shared.Gateway.Edge, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) };
}
