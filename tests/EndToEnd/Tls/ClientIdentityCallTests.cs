using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>Certificates of clients in a key's place.</summary>
public sealed class ClientIdentityCallTests(TlsGateway tls) : IClassFixture<TlsGateway>
{
    [Fact]
    public async Task A_certificate_identifies_its_tenant_as_a_key_would_until_it_is_declared_otherwise()
    {
        await using var upstream = await Upstream.StartAsync("orders");
        await tls.Gateway.Admin.PostAsync("tenants", new { name = "partner" });
        await tls.Gateway.Admin.ApplyAsync($$"""
            { kind: Secret, name: partners-ca, value: {{IssuedCertificate.Quoted(tls.Authority.RootPem)}} }
            ---
            { kind: Upstream, name: orders, addresses: ["{{upstream.Address}}"] }
            ---
            { kind: Route, name: orders, match: { path: "/orders/{**rest}" }, access: key, scopes: [orders.read], split: [{ upstream: orders }] }
            ---
            { kind: Limit, name: partner, subject: key/*, requests: { per: hour, amount: 3 } }
            """);
        var server = tls.Authority.Issue(["id.test"]);
        await DeclareAsync(server, "{ dns: ada.partner.test, tenant: partner, scopes: [orders.read] }, { dns: bob.partner.test, tenant: partner }");
        using var ada = tls.Authority.Issue(["ada.partner.test"], isClient: true).WithKey();
        using var bob = tls.Authority.Issue(["bob.partner.test"], isClient: true).WithKey();
        using var eve = tls.Authority.Issue(["eve.partner.test"], isClient: true).WithKey();
        using var asAda = tls.Client("id.test", HttpVersion.Version20, ada);

        // As by a key: its tenant, its scopes, its limits, of both kinds of path, and no certificate in a key's place where none is asked for.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(asAda, "orders/1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(asAda, "v1/models"));
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(asAda));
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(asAda));
        Assert.Equal(HttpStatusCode.TooManyRequests, await ChatAsync(asAda));
        using var asBob = tls.Client("id.test", HttpVersion.Version11, bob);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(asBob, "orders/1"));
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(asBob));
        using var asEve = tls.Client("id.test", HttpVersion.Version11, eve);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(asEve, "orders/1"));
        using var nobody = tls.Client("id.test", HttpVersion.Version11);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(nobody, "orders/1"));
        Assert.True((await tls.Gateway.Admin.UsageAsync("partner", 4)).Requests >= 4);

        // A key that is given counts, and not the certificate.
        using var keyed = tls.Client("id.test", HttpVersion.Version11, ada);
        keyed.DefaultRequestHeaders.Authorization = new("Bearer", tls.Gateway.TenantKey);
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(keyed, "orders/1"));

        // Over the very connections that are open: what is declared now.
        await DeclareAsync(server, "{ dns: bob.partner.test, tenant: partner, scopes: [orders.read] }");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(asAda, "orders/1"), await StatusAsync(asBob, "orders/1")));
        await tls.Gateway.Admin.PostAsync("tenants/partner/suspend");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(asBob, "orders/1"));
    }

    private async Task DeclareAsync(IssuedCertificate server, string identities) =>
        await tls.Gateway.Admin.ApplyAsync(server.Bundle("id", $"clients: {{ certificates: optional, ca: {{ secret: partners-ca }}, identities: [{identities}] }}"));

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> ChatAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("v1/chat/completions", Gateway.Json("""{"model":"sandbox","messages":[{"role":"user","content":"Hello"}]}"""));
        return answer.StatusCode;
    }
}
