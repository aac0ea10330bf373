using System.Collections.Immutable;
using System.Text;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Catalog;

/// <summary>The secret of a certificate that was obtained, in changes of others.</summary>
public sealed class ObtainedSecretTests
{
    private static readonly ResourceBody Obtained = ResourceReader.Read(ResourceReader.WriteSecret(new SecretResource("acme.shop", "v1.k.d.b", 1, "f"))).Body! with { Owner = Owners.Acme };
    private static readonly byte[] Upstream = Encoding.UTF8.GetBytes("""{"kind":"Upstream","name":"u","addresses":["http://10.0.0.1"]}""");

    [Theory]
    [InlineData(null)]
    [InlineData("folder:base")]
    public void What_says_all_there_is_leaves_it(string? owner)
    {
        var candidate = ChangeSet.Read(Request(owner) with { Put = [Upstream], Prune = true }).Apply([Obtained], "default", null);

        Assert.Empty(candidate.Errors);
        Assert.Empty(candidate.Owned);
        Assert.Equal(["acme.shop", "u"], candidate.Resources.Select(r => r.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_is_removed_by_the_silos_and_by_nobody_else()
    {
        var delete = Request(null) with { Delete = [new ResourceKey("Secret", "acme.shop")] };

        Assert.Equal("acme", Assert.Single(ChangeSet.Read(delete).Apply([Obtained], "default", null).Owned).Owner);
        var removed = ChangeSet.Read(delete with { Owner = Owners.Acme }).Apply([Obtained], "default", null);
        Assert.Equal((0, 0), (removed.Owned.Length, removed.Resources.Length));
    }

    private static PublishRequest Request(string? owner) => new([], [], Prune: false, IfMatch: null, DryRun: false, Author.System, Reason: null, Owner: owner);
}
