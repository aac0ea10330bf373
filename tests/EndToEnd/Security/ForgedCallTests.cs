using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>An edge's certificate in the hands of somebody who speaks the protocol himself.</summary>
public sealed class ForgedCallTests(SealedSilo silo) : IClassFixture<SealedSilo>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    // For what never comes; a connection that is let in is so in a fraction of it.
    private static readonly TimeSpan Never = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_call_that_names_a_silo_as_its_sender_ends_its_connection_and_changes_nothing()
    {
        var forgery = new Forgery();
        using var forger = await silo.ConnectAsync(silo.Certificates.Files("edge-1"), forgery);
        await CatalogOf(forger).GetHeadAsync();
        using var admin = new AdminApi(silo.Admin, silo.AdminKey);

        forgery.OfSender = true;
        _ = forger.Services.GetRequiredService<IClusterClient>().GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key).CreateAsync("forged", AdminRole.Admin, Author.System);

        await Eventually.TrueAsync(
            async () => silo.Log.Contains("it sends as sys.client/hosted-", StringComparison.Ordinal) || await HasForgedKeyAsync(admin), "the call was refused or done");
        Assert.False(await HasForgedKeyAsync(admin));
    }

    [Fact]
    public async Task An_answer_to_what_silos_ask_each_other_ends_its_connection()
    {
        var forgery = new Forgery();
        using var forger = await silo.ConnectAsync(silo.Certificates.Files("edge-1"), forgery);

        forgery.OfDirection = true;
        _ = CatalogOf(forger).GetHeadAsync();

        await AssertLoggedAsync("which asks clients nothing");
    }

    [Fact]
    public async Task A_connection_that_introduces_itself_as_a_silos_own_client_is_ended()
    {
        // It gets no answer, so it never starts.
        var start = silo.ConnectAsync(silo.Certificates.Files("edge-1"), new Forgery { OfIdentity = true, OfSender = true });

        await AssertLoggedAsync("it introduces itself as sys.client/hosted-");
        await Assert.ThrowsAnyAsync<Exception>(() => start.WaitAsync(Never, TimeProvider.System));
        using var honest = await silo.ConnectAsync(silo.Certificates.Files("edge-1"));
        Assert.True((await CatalogOf(honest).GetHeadAsync()).Revision > 0);
    }

    [Fact]
    public async Task A_message_that_names_a_type_of_nobodys_is_refused_and_told_so()
    {
        using var forger = await silo.ConnectAsync(silo.Certificates.Files("edge-1"), new Forgery());
        RequestContext.Set("note", new StrangeException());

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => CatalogOf(forger).GetHeadAsync().WaitAsync(Bound, TimeProvider.System));

        TestContext.Current.SendDiagnosticMessage("the client was told: {0}", refused.Message);
        await AssertLoggedAsync("StrangeException");
        await AssertLoggedAsync("not allowed");
    }

    /// <summary>No type of a silo's.</summary>
    public sealed class StrangeException : Exception;

    private static async Task<bool> HasForgedKeyAsync(AdminApi admin) => (await admin.GetAsync("admin-keys")).ToString().Contains("forged", StringComparison.Ordinal);

    private static ICatalogGrain CatalogOf(IHost edge) =>
        edge.Services.GetRequiredService<IClusterClient>().GetGrain<ICatalogGrain>(GrainKeys.DefaultWorkspace);

    private Task AssertLoggedAsync(string what) =>
        Eventually.TrueAsync(() => Task.FromResult(silo.Log.Contains(what, StringComparison.Ordinal)), $"the silo logs: {what}");
}
