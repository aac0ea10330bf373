using Sluice.Edge.Dialects.Anthropic;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Dialects.Responses;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Which dialect is which: the one place that names them.</summary>
internal static class DialectTable
{
    public static readonly Dialect OpenAI = new OpenAIDialect();

    public static readonly Dialect Anthropic = new AnthropicDialect();

    public static readonly Dialect Responses = new ResponsesDialect();

    /// <summary>The one that a provider speaks; the sandbox speaks as OpenAI does.</summary>
    public static Dialect Of(ProviderDialect provider) => provider switch
    {
        ProviderDialect.Anthropic => Anthropic,
        ProviderDialect.Responses => Responses,
        _ => OpenAI,
    };

    /// <summary>The one that callers of a path speak.</summary>
    public static Dialect OfPath(string? path) => path?.StartsWith("/v1/messages", StringComparison.Ordinal) is true ? Anthropic
        : path?.StartsWith("/v1/responses", StringComparison.Ordinal) is true ? Responses
        : OpenAI;
}
