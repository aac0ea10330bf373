using System.Globalization;
using System.Runtime.CompilerServices;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metrics;

/// <summary>The names of OpenTelemetry's semantic conventions for generative AI, 0.1.0, and what Sluice's declarations are in them.</summary>
internal static class GenAi
{
    public const string Operation = "gen_ai.operation.name";
    public const string Provider = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string RequestStream = "gen_ai.request.stream";
    public const string FirstChunk = "gen_ai.response.time_to_first_chunk";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string CacheWriteTokens = "gen_ai.usage.cache_write.input_tokens";
    public const string ReasoningTokens = "gen_ai.usage.reasoning.output_tokens";
    public const string PromptName = "gen_ai.prompt.name";
    public const string TokenModality = "gen_ai.token.modality";
    public const string UnknownModality = "unknown";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";

    /// <summary>The values of <see cref="Operation"/>: the first three are the convention's.</summary>
    public static readonly IReadOnlyList<string> Operations =
        ["chat", "generate_content", "embeddings", "count_tokens", "moderation", "image_generation", "image_edit", "image_variation", "speech", "transcription", "translation"];

    // What is called by another name than that of its dialect.
    private static readonly (string HostEnd, string Name)[] Hosts =
    [
        ("openai.azure.com", "azure.ai.openai"), ("inference.ai.azure.com", "azure.ai.inference"), ("aiplatform.googleapis.com", "gcp.vertex_ai"), ("groq.com", "groq"),
        ("mistral.ai", "mistral_ai"), ("deepseek.com", "deepseek"), ("x.ai", "x_ai"), ("perplexity.ai", "perplexity"), ("moonshot.ai", "moonshot_ai"),
    ];

    private static readonly ConditionalWeakTable<CompiledTarget, GenAiTags[]> Known = [];

    /// <summary>What is told of calls of a target: worked out once.</summary>
    public static GenAiTags TagsOf(CompiledTarget target, ModelOperation operation) =>
        Volatile.Read(ref Known.GetValue(target, static _ => new GenAiTags[Enum.GetValues<ModelOperation>().Length])[(int)operation]) ?? Make(target, operation);

    /// <summary>A status as the value of <see cref="ErrorType"/>.</summary>
    public static string ErrorOf(int status) => status switch
    {
        499 => "client_closed",
        504 => "timeout",
        _ => status.ToString(CultureInfo.InvariantCulture),
    };

    private static GenAiTags Make(CompiledTarget target, ModelOperation operation)
    {
        var made = new GenAiTags(NameOf(operation, target.Provider.Dialect), NameOf(target.Provider), target.Target.Model, target.Provider.Address);
        Volatile.Write(ref Known.GetValue(target, static _ => new GenAiTags[Enum.GetValues<ModelOperation>().Length])[(int)operation], made);
        return made;
    }

    private static string NameOf(ModelOperation operation, ProviderDialect dialect) => operation switch
    {
        ModelOperation.Chat => dialect is ProviderDialect.Gemini ? "generate_content" : "chat",
        ModelOperation.Embeddings => "embeddings",
        ModelOperation.CountTokens => "count_tokens",
        ModelOperation.Moderations => "moderation",
        ModelOperation.ImageGenerations => "image_generation",
        ModelOperation.ImageEdits => "image_edit",
        ModelOperation.ImageVariations => "image_variation",
        ModelOperation.Speech => "speech",
        ModelOperation.Transcriptions => "transcription",
        ModelOperation.AudioTranslations => "translation",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "There is no name for it."),
    };

    private static string NameOf(ProviderResource provider)
    {
        var host = provider.Address?.IdnHost ?? "";
        foreach (var (end, name) in Hosts)
        {
            if (host.EndsWith(end, StringComparison.OrdinalIgnoreCase) && (host.Length == end.Length || host[^(end.Length + 1)] is '.' or '-'))
            {
                return name;
            }
        }

        return provider.Dialect switch
        {
            ProviderDialect.Anthropic => "anthropic",
            ProviderDialect.Bedrock => "aws.bedrock",
            ProviderDialect.Gemini => "gcp.gemini",
            ProviderDialect.Cohere => "cohere",
            ProviderDialect.Ollama => "ollama",
            ProviderDialect.Sandbox => "sluice.sandbox",

            // The flavour of what is spoken, whoever speaks it.
            _ => "openai",
        };
    }
}

/// <summary>What is told of the calls of one target for one operation.</summary>
internal sealed class GenAiTags
{
    private readonly KeyValuePair<string, object?>[] _all;
    private readonly KeyValuePair<string, object?>[] _tokens;

    public GenAiTags(string operation, string provider, string model, Uri? address)
    {
        (Operation, Provider, Model, Address) = (operation, provider, model, address);
        _all = [new(GenAi.Operation, operation), new(GenAi.Provider, provider), new(GenAi.RequestModel, model)];
        _tokens = [.. _all, new(GenAi.TokenModality, GenAi.UnknownModality)];
        SpanName = $"{operation} {model}";
    }

    public string Operation { get; }

    public string Provider { get; }

    /// <summary>The provider's name of the model.</summary>
    public string Model { get; }

    /// <summary>The provider's; null: it is inside of the edge.</summary>
    public Uri? Address { get; }

    /// <summary>Of the span of an attempt.</summary>
    public string SpanName { get; }

    /// <summary>Of what went well.</summary>
    public ReadOnlySpan<KeyValuePair<string, object?>> All => _all;

    /// <summary>Of tokens.</summary>
    public ReadOnlySpan<KeyValuePair<string, object?>> Tokens => _tokens;

    /// <summary>Of what did not go well.</summary>
    public KeyValuePair<string, object?>[] Failed(int status) => [.. _all, new(GenAi.ErrorType, GenAi.ErrorOf(status))];
}
