using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.FirstStart;

/// <summary>A provider that is found by its key in the environment.</summary>
/// <param name="Name">What its resource is called.</param>
/// <param name="KeyVariable">The environment variable of its key; null: it needs none, and is asked whether it is there.</param>
/// <param name="Address">The address up to and with the version.</param>
/// <param name="AddressVariable">The environment variable by which the provider's own clients move the address, or null.</param>
/// <param name="Dialect">What it speaks.</param>
public sealed record KnownProvider(string Name, string? KeyVariable, string Address, string? AddressVariable = null, ProviderDialect Dialect = ProviderDialect.Openai);

/// <summary>The one list of providers that a first start looks for.</summary>
public static class KnownProviders
{
    /// <summary>In the order in which they are looked for: where two have a model of one name, the first keeps it.</summary>
    public static ImmutableArray<KnownProvider> All { get; } =
    [
        new("openai", "OPENAI_API_KEY", "https://api.openai.com/v1", "OPENAI_BASE_URL"),
        new("anthropic", "ANTHROPIC_API_KEY", "https://api.anthropic.com/v1", Dialect: ProviderDialect.Anthropic),
        new("gemini", "GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta", Dialect: ProviderDialect.Gemini),
        new("mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1"),
        new("groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1"),
        new("deepseek", "DEEPSEEK_API_KEY", "https://api.deepseek.com/v1"),
        new("xai", "XAI_API_KEY", "https://api.x.ai/v1"),
        new("together", "TOGETHER_API_KEY", "https://api.together.xyz/v1"),
        new("fireworks", "FIREWORKS_API_KEY", "https://api.fireworks.ai/inference/v1"),
        new("openrouter", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
        new("perplexity", "PERPLEXITY_API_KEY", "https://api.perplexity.ai"),
        new("cerebras", "CEREBRAS_API_KEY", "https://api.cerebras.ai/v1"),
        new("ollama", null, "http://localhost:11434/v1"),
    ];
}
