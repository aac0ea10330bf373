using System.Collections.Immutable;
using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Cluster.Catalog;

/// <summary>A workspace of a test's own, and short words for what is done to it.</summary>
internal sealed class Workspace(ClusterFixture cluster)
{
    public string Name { get; } = ClusterFixture.NewWorkspace();

    public ICatalogGrain Catalog => cluster.Client.GetGrain<ICatalogGrain>(Name);

    public static byte[] Upstream(string name, int port = 80) =>
        Encoding.UTF8.GetBytes($$"""{ "kind": "Upstream", "name": "{{name}}", "addresses": ["http://10.0.0.1:{{port}}"] }""");

    public static byte[] Route(string name, string upstream) =>
        Encoding.UTF8.GetBytes($$"""{ "kind": "Route", "name": "{{name}}", "match": { "path": "/{{name}}" }, "split": [{ "upstream": "{{upstream}}" }] }""");

    public static byte[] Secret(string name, string value) =>
        Encoding.UTF8.GetBytes($$"""{ "kind": "Secret", "name": "{{name}}", "value": "{{value}}" }""");

    /// <summary>Makes the workspace a strict one.</summary>
    public Task<Head> BeStrictAsync() => PublishAsync(Encoding.UTF8.GetBytes($$"""{ "kind": "Workspace", "name": "{{Name}}", "strict": true }"""));

    public static PublishRequest Change(params ImmutableArray<byte[]> put) =>
        new(put, [], Prune: false, IfMatch: null, DryRun: false, new Author("ann", "api", "127.0.0.1"), Reason: null);

    public Task<PublishOutcome> PutAsync(params ImmutableArray<byte[]> put) => Catalog.PublishAsync(Change(put));

    public async Task<Head> PublishAsync(params ImmutableArray<byte[]> put) =>
        Assert.IsType<PublishOutcome.Published>(await PutAsync(put)).Head;

    public async Task<string[]> NamesAsync(long revision) =>
        [.. Assert.IsType<Revision>(await Catalog.GetRevisionAsync(revision)).Resources.Select(r => $"{r.Kind}/{r.Name}")];
}
