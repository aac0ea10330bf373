using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using static Sluice.Tests.Cluster.Catalog.Workspace;

namespace Sluice.Tests.Cluster.Catalog;

public sealed class RefusalTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster);

    [Fact]
    public async Task A_reference_to_nothing_is_refused_and_changes_nothing()
    {
        var head = await _workspace.PublishAsync(Upstream("a"));

        var errors = await RefusedAsync(Change(Upstream("b"), Route("r", "missing")));

        Assert.Contains(errors, e => e.Path.StartsWith("Route/r", StringComparison.Ordinal) && e.Message.Contains("missing", StringComparison.Ordinal));
        Assert.Equal(head, await _workspace.Catalog.GetHeadAsync());
        Assert.Null(await _workspace.Catalog.GetRevisionAsync(2));
    }

    [Fact]
    public async Task Removing_what_is_still_used_is_refused()
    {
        await _workspace.PublishAsync(Upstream("a"), Route("r", "a"));

        var errors = await RefusedAsync(Change() with { Delete = [new ResourceKey("Upstream", "a")] });

        Assert.Contains(errors, e => e.Path.StartsWith("Route/r", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_that_is_wrong_comes_back_at_once()
    {
        var errors = await RefusedAsync(Change(
            Encoding.UTF8.GetBytes("""{ "kind": "Upstream", "name": "a", "addresses": [], "colour": "red" }"""),
            Encoding.UTF8.GetBytes("""{ "kind": "Upstraem", "name": "b" }"""),
            Encoding.UTF8.GetBytes("not json"),
            Upstream("c"),
            Upstream("c"))
            with
        { Delete = [new ResourceKey("Upstream", "absent")] });

        Assert.Contains(errors, e => e.Path.StartsWith("Upstream/a: addresses", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Path.StartsWith("Upstream/a: colour", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Path.StartsWith("[1] ", StringComparison.Ordinal) && e.Message.Contains("'Upstream'", StringComparison.Ordinal));
        Assert.Contains(errors, e => string.Equals(e.Path, "[2]", StringComparison.Ordinal));
        Assert.Contains(errors, e => string.Equals(e.Path, "Upstream/c", StringComparison.Ordinal) && e.Message.Contains("twice", StringComparison.Ordinal));
        Assert.Contains(errors, e => string.Equals(e.Path, "Upstream/absent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_resource_that_is_put_and_deleted_at_once_is_refused()
    {
        await _workspace.PublishAsync(Upstream("a"));

        var errors = await RefusedAsync(Change(Upstream("a", 81)) with { Delete = [new ResourceKey("Upstream", "a")] });

        Assert.Contains("twice", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pruning_with_an_empty_bundle_is_refused()
    {
        var head = await _workspace.PublishAsync(Upstream("a"));

        var errors = await RefusedAsync(Change() with { Prune = true });

        Assert.Contains("would remove every resource", Assert.Single(errors).Message, StringComparison.Ordinal);
        Assert.Equal(head, await _workspace.Catalog.GetHeadAsync());
    }

    private async Task<IReadOnlyList<FieldError>> RefusedAsync(PublishRequest request) =>
        Assert.IsType<PublishOutcome.Invalid>(await _workspace.Catalog.PublishAsync(request)).Errors;
}
