using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Revisions.Catalogue;

/// <summary>What is known of a provider's model.</summary>
/// <param name="Provider">The preset's name.</param>
/// <param name="Model">By the provider's name for it.</param>
/// <param name="Context">The most tokens of a request and its answer together.</param>
/// <param name="MaxOutput">The most tokens of an answer; null: not known.</param>
/// <param name="Features">Of <see cref="KnownModels.AllFeatures"/>.</param>
/// <param name="Input">The price of a million tokens that are read, as <c>0.15 USD</c>; null: not known, or nothing.</param>
/// <param name="Output">The same of those that are written.</param>
/// <param name="CachedInput">The same of those that are read from a cache.</param>
/// <param name="CacheWrite">The same of those that are written to one.</param>
/// <param name="Released">The day on which it was, or a part of it; null: not known.</param>
/// <param name="Source">The provider's page.</param>
public sealed record KnownModel(
    string Provider, string Model, long Context, long? MaxOutput, ImmutableArray<string> Features, string? Input, string? Output, string? CachedInput, string? CacheWrite, string? Released, string Source);

/// <summary>
/// The catalogue of models that Sluice is shipped with: <c>Catalogue/models.json</c>, with the day as of which it was so. It informs people; what a request costs is decided by
/// <see cref="Prices.ListedPrices"/> and the workspace's own prices. <c>Catalogue/update</c> makes it anew from a file.
/// </summary>
public static class KnownModels
{
    private static readonly Lazy<(DateOnly AsOf, ImmutableArray<KnownModel> All)> Shipped = new(Load);

    /// <summary>What a model may be able to do.</summary>
    public static ImmutableArray<string> AllFeatures { get; } = ["tools", "reasoning", "schema", "images", "audio", "video", "documents", "makesImages", "speaks", "openWeights"];

    /// <summary>The day as of which it was so.</summary>
    public static DateOnly AsOf => Shipped.Value.AsOf;

    /// <summary>Provider by provider.</summary>
    public static ImmutableArray<KnownModel> All => Shipped.Value.All;

    /// <summary>Those of a provider, with a feature, whose name holds a text; null takes all.</summary>
    public static IEnumerable<KnownModel> Find(string? provider, string? feature, string? name) => All.Where(m =>
        (provider is null || string.Equals(m.Provider, provider, StringComparison.Ordinal))
        && (feature is null || m.Features.Contains(feature, StringComparer.Ordinal))
        && (name is null || m.Model.Contains(name, StringComparison.OrdinalIgnoreCase)));

    private static (DateOnly AsOf, ImmutableArray<KnownModel> All) Load()
    {
        using var stream = typeof(KnownModels).Assembly.GetManifestResourceStream("Sluice.Revisions.Catalogue.models.json")
            ?? throw new InvalidOperationException("The catalogue of models is missing from the assembly.");
        using var document = JsonDocument.Parse(stream);
        var root = document.RootElement;
        return (DateOnly.Parse(root.GetProperty("asOf").GetString()!, System.Globalization.CultureInfo.InvariantCulture), [.. root.GetProperty("models").EnumerateArray().Select(Read)]);
    }

    private static KnownModel Read(JsonElement entry) => new(
        entry.GetProperty("provider").GetString()!,
        entry.GetProperty("model").GetString()!,
        entry.GetProperty("context").GetInt64(),
        entry.TryGetProperty("maxOutput", out var most) ? most.GetInt64() : null,
        entry.TryGetProperty("features", out var features) ? [.. features.EnumerateArray().Select(f => f.GetString()!)] : [],
        Text(entry, "input"),
        Text(entry, "output"),
        Text(entry, "cachedInput"),
        Text(entry, "cacheWrite"),
        Text(entry, "released"),
        entry.GetProperty("source").GetString()!);

    private static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString() : null;
}
