using Sluice.Edge.Dialects.Anthropic;
using Sluice.Edge.Dialects.Bedrock;
using Sluice.Edge.Dialects.Cohere;
using Sluice.Edge.Dialects.Gemini;
using Sluice.Edge.Dialects.Ollama;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Dialects.Published;
using Sluice.Edge.Dialects.Responses;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Which dialect is which: the one place that names them.</summary>
internal static class DialectTable
{
    public static readonly Dialect OpenAI = new OpenAIDialect();

    public static readonly Dialect Anthropic = new AnthropicDialect();

    public static readonly Dialect Responses = new ResponsesDialect();

    public static readonly Dialect Gemini = new GeminiDialect();

    /// <summary>Prompts that are called as APIs of their own.</summary>
    public static readonly Dialect Published = new PublishedDialect();

    public static readonly Dialect Bedrock = new BedrockDialect();

    public static readonly Dialect Cohere = new CohereDialect();

    public static readonly Dialect Ollama = new OllamaDialect();

    /// <summary>The one that a provider speaks; the sandbox speaks as OpenAI does.</summary>
    public static Dialect Of(ProviderDialect provider) => provider switch
    {
        ProviderDialect.Anthropic => Anthropic,
        ProviderDialect.Responses => Responses,
        ProviderDialect.Gemini => Gemini,
        ProviderDialect.Bedrock => Bedrock,
        ProviderDialect.Cohere => Cohere,
        ProviderDialect.Ollama => Ollama,
        _ => OpenAI,
    };

    /// <summary>The one that callers of a path speak.</summary>
    public static Dialect OfPath(string? path) => path?.StartsWith("/v1/messages", StringComparison.Ordinal) is true ? Anthropic
        : path?.StartsWith("/v1/responses", StringComparison.Ordinal) is true ? Responses
        : path?.StartsWith(Surfaces.PromptsPath, StringComparison.Ordinal) is true ? Published
        : path?.StartsWith("/v1beta", StringComparison.Ordinal) is true || Surfaces.Of(path) is Surface.GenerateContent or Surface.CountTokens || (path?.Contains(':', StringComparison.Ordinal) is true && Surfaces.Of(path) is Surface.Embeddings) ? Gemini
        : OpenAI;
}
