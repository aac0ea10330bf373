using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Revisions.Resources;

/// <summary>What is known of a provider beforehand, so that a bundle need not say it.</summary>
/// <param name="Name">By which a bundle names it, and as its resource is called where a first start finds it.</param>
/// <param name="Address">The address up to and with the version; null: each customer has one of its own.</param>
/// <param name="Dialect">What it speaks.</param>
/// <param name="Header">The header by which it is shown its credential, where that is not its dialect's; or null.</param>
/// <param name="Key">The environment variable in which its own clients look for the key; null: a first start does not look for it by one.</param>
/// <param name="AddressVariable">The environment variable by which its own clients move the address, or null.</param>
/// <param name="IsLocal">Whether it needs no key, and a first start asks whether it is there.</param>
public sealed record ProviderPreset(string Name, Uri? Address, ProviderDialect Dialect, string? Header, string? Key, string? AddressVariable, bool IsLocal);

/// <summary>The presets that Sluice is shipped with: <c>Resources/presets.json</c>, each with the page of its provider.</summary>
public static class ProviderPresets
{
    private static readonly Lazy<ImmutableArray<ProviderPreset>> Shipped = new(Load);
    private static readonly Lazy<FrozenDictionary<string, ProviderPreset>> Named = new(() => All.ToFrozenDictionary(p => p.Name, StringComparer.Ordinal));

    /// <summary>In the order in which a first start looks for them: where two have a model of one name, the first keeps it.</summary>
    public static ImmutableArray<ProviderPreset> All => Shipped.Value;

    /// <summary>The one of this name; null where there is none.</summary>
    public static ProviderPreset? Find(string name) => Named.Value.GetValueOrDefault(name);

    private static ImmutableArray<ProviderPreset> Load()
    {
        using var stream = typeof(ProviderPresets).Assembly.GetManifestResourceStream("Sluice.Revisions.Resources.presets.json")
            ?? throw new InvalidOperationException("The presets of providers are missing from the assembly.");
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.GetProperty("presets").EnumerateArray().Select(Read)];
    }

    private static ProviderPreset Read(JsonElement entry) => new(
        entry.GetProperty("name").GetString()!,
        Text(entry, "address") is { } address ? new Uri(address) : null,
        Enum.Parse<ProviderDialect>(Text(entry, "dialect") ?? "openai", ignoreCase: true),
        Text(entry, "header"),
        Text(entry, "key"),
        Text(entry, "addressVariable"),
        entry.TryGetProperty("local", out var local) && local.GetBoolean());

    private static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString() : null;
}
