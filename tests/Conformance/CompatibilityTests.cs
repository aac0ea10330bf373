using System.Globalization;
using System.Text;
using Sluice.Tests.Conformance.Witnesses;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>
/// Official clients, unchanged, each with providers of every dialect behind the gateway: what <c>node/matrix.mjs</c> and <see cref="DotNetMatrix"/> saw is what docs/compatibility.md says.
/// <c>SLUICE_WRITE_GOLDEN=1</c> writes the page anew.
/// </summary>
public sealed class CompatibilityTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "compatibility.md");

    [Fact]
    public async Task Each_client_sees_with_each_provider_what_the_page_says()
    {
        Witness[] witnesses = [new ChatWitness(), new ResponsesWitness(), new MessagesWitness(), new GenerateWitness(), new ConverseWitness(), new CohereWitness(), new OllamaWitness()];
        var upstreams = new List<Upstream>();
        try
        {
            var bundle = new StringBuilder();
            foreach (var witness in witnesses)
            {
                var upstream = await Upstream.StartAsync(witness.AnswerAsync);
                upstreams.Add(upstream);
                bundle.Append(CultureInfo.InvariantCulture, $"kind: Provider\nname: m-{witness.Dialect}\ndialect: {witness.Dialect}\naddress: {upstream.Address}\n---\nkind: Model\nname: m-{witness.Dialect}\ntargets: [{{ provider: m-{witness.Dialect}, model: witness }}]\n---\n");
            }

            await shared.Gateway.ApplyAsync(bundle.ToString());
            string[] models = [.. witnesses.Select(w => $"m-{w.Dialect}")];
            var seen = await NodeScript.RunAsync("matrix.mjs", shared.Gateway.Edge.ToString().TrimEnd('/'), shared.Gateway.TenantKey, string.Join(',', models));
            foreach (var (what, saw) in await new DotNetMatrix(shared.Gateway.Edge, shared.Gateway.TenantKey).RunAsync(models))
            {
                seen[what] = saw;
            }

            var page = CompatibilityPage.Of(seen, [.. witnesses.Select(w => w.Dialect)]);
            if (Environment.GetEnvironmentVariable("SLUICE_WRITE_GOLDEN") is "1")
            {
                await File.WriteAllTextAsync(Page, page, TestContext.Current.CancellationToken);
            }

            Assert.Equal(await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken), page);
            var aborts = seen.Keys.Count(k => k.EndsWith("|abort", StringComparison.Ordinal));
            await Eventually.TrueAsync(() => Task.FromResult(witnesses.Sum(w => w.Left) == aborts), "every stream that a client left ended at its provider");
        }
        finally
        {
            foreach (var upstream in upstreams)
            {
                await upstream.DisposeAsync();
            }
        }
    }
}
