using System.Text.Json;
using Sluice.Revisions.Resources;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Revisions;

public sealed class ProviderPresetTests
{
    [Fact]
    public void There_are_twenty_compatible_providers_and_more_each_named_once_with_its_page()
    {
        Assert.True(ProviderPresets.All.Count(p => p is { Dialect: ProviderDialect.Openai, Address: not null }) >= 20);
        Assert.Equal(ProviderPresets.All.Length, ProviderPresets.All.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count());
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "Revisions", "Resources", "presets.json")));
        Assert.All(file.RootElement.GetProperty("presets").EnumerateArray(), p => Assert.StartsWith("https://", p.GetProperty("source").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_has_each_as_it_is()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "dialects.md"));
        Assert.All(ProviderPresets.All, p => Assert.Contains(
            $"| `{p.Name}` | {(p.Address is { } address ? $"`{address.OriginalString}`" : "your own")} | `{p.Dialect.ToString().ToLowerInvariant()}` | {(p.Key is { } key ? $"`{key}`" : "")} |", page, StringComparison.Ordinal));
    }
}
