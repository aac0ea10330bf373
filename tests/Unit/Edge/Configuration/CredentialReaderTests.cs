using System.Collections.Immutable;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Configuration;

public sealed class CredentialReaderTests
{
    private static readonly ImmutableDictionary<string, OpenedSecret> Secrets =
        ImmutableDictionary<string, OpenedSecret>.Empty.Add("openai-key", new OpenedSecret("from-secret"));

    [Fact]
    public void Credentials_come_in_declared_order_from_secrets_and_the_environment()
    {
        var missing = new List<string>();

        var credentials = CredentialReader.Read(
            Provider(new(null, "SECOND"), new("openai-key", null)), Secrets, name => name is "SECOND" ? "from-environment" : null, new SecretUses(), missing);

        Assert.Equal(["from-environment", "from-secret"], credentials.Values.ToArray());
        Assert.Empty(missing);
        Assert.Equal("***", credentials.ToString());
    }

    [Fact]
    public void What_cannot_be_had_is_left_out_and_named_for_operators()
    {
        var missing = new List<string>();

        var credentials = CredentialReader.Read(
            Provider(new("gone", null), new("openai-key", null), new(null, "UNSET"), new(null, "BLANK")), Secrets, name => name is "BLANK" ? "" : null, new SecretUses(), missing);

        Assert.Equal(["from-secret"], credentials.Values.ToArray());
        Assert.Equal(
            [
                "Provider/openai: the secret 'gone' could not be opened.",
                "Provider/openai: the environment variable 'UNSET' is not set on this edge.",
                "Provider/openai: the environment variable 'BLANK' is not set on this edge.",
            ],
            missing);
    }

    [Fact]
    public void Uses_of_a_secret_are_counted_over_revisions_and_providers_apart()
    {
        var uses = new SecretUses();
        var before = Read();
        Assert.Equal(["from-environment", "from-secret", "from-secret"], [before.Use(0), before.Use(1), before.Use(1)]);
        var after = Read();
        after.Use(1);

        Assert.Equal([("openai-key", "openai", 3L)], after.Uses.Select(use => (use.Secret, use.Provider, use.Total)));
        Assert.Equal(0, uses.Of("openai-key", "another").Total);
        GC.KeepAlive(before);

        ProviderCredentials Read() => CredentialReader.Read(Provider(new(null, "SECOND"), new("openai-key", null)), Secrets, _ => "from-environment", uses, []);
    }

    private static ProviderResource Provider(params CredentialSource[] sources) => new(
        "openai",
        ProviderDialect.Openai,
        new Uri("https://api.openai.com/v1"),
        [.. sources],
        new Timeouts(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(100)));
}
