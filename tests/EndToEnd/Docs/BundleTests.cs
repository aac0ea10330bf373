using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Docs;

/// <summary>What the documentation declares can be declared, and edges run it.</summary>
public sealed class BundleTests
{
    [Fact]
    public async Task Every_example_and_every_bundle_of_a_page_is_applied_and_served()
    {
        await using var gateway = await Gateway.StartAsync();
        var examples = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "examples"), "*.yaml").Order(StringComparer.Ordinal)
            .Select(f => (Where: Path.GetRelativePath(Repository.Root, f), Text: File.ReadAllText(f)));
        var blocks = Page.All().SelectMany(p => p.Blocks("yaml").Where(b => b.StartsWith("kind:", StringComparison.Ordinal)).Select(b => (Where: p.Path, Text: b)));
        var bundles = examples.Concat(blocks).ToArray();
        Assert.NotEmpty(bundles);

        foreach (var (where, text) in bundles)
        {
            var (status, answer) = await gateway.Admin.SendAsync(HttpMethod.Post, "apply", text, "application/yaml");

            Assert.True(status is HttpStatusCode.OK, $"{where}: {answer}");
            await gateway.ServesAsync(answer.GetProperty("revision").GetInt64());
        }
    }
}
