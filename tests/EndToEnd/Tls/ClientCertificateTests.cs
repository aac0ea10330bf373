using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>What a certificate's <c>clients</c> asks of those who connect.</summary>
public sealed class ClientCertificateTests(TlsGateway tls) : IClassFixture<TlsGateway>, IAsyncLifetime
{
    private Upstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync("reached");
        await tls.Gateway.Admin.ApplyAsync($$"""
            {{tls.Authority.Issue(["partners.test"]).Bundle("partners", "clients: { certificates: required, ca: { secret: partners-ca } }")}}
            ---
            {{tls.Authority.Issue(["either.test"]).Bundle("either", "clients: { certificates: optional, ca: { secret: partners-ca } }")}}
            ---
            {{tls.Authority.Issue(["open.test"]).Bundle("open")}}
            ---
            kind: Secret
            name: partners-ca
            value: {{IssuedCertificate.Quoted(tls.Authority.RootPem)}}
            ---
            {{_upstream.Bundle}}
            """);
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    public async Task A_host_that_requires_them_is_reached_with_one_of_its_authority_and_by_no_other_way(int major, int minor)
    {
        var version = new Version(major, minor);
        using var own = tls.Authority.Issue(["partner"], isClient: true).WithKey();
        using var strangers = new TestAuthority();
        using var stranger = strangers.Issue(["partner"], isClient: true).WithKey();
        using var server = tls.Authority.Issue(["partner"]).WithKey();

        Assert.Equal((HttpStatusCode.OK, "reached"), await AskAsync("partners.test", version, own));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync("partners.test", version, null));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync("partners.test", version, stranger));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync("partners.test", version, server));

        using var clear = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(tls.Gateway.Edge, "/there")) { Headers = { Host = "partners.test" } };
        using var answer = await clear.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_connection_that_was_made_for_another_host_is_not_let_in_by_a_header()
    {
        await using var stream = await tls.ConnectAsync("open.test");
        await stream.WriteAsync("GET /there HTTP/1.1\r\nHost: partners.test\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);

        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 421 ", answer, StringComparison.Ordinal);
        Assert.Contains("urn:sluice:problem:misdirected-request", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Where_they_are_optional_none_is_well_and_a_bad_one_is_not(int major)
    {
        var version = new Version(major, 0);
        using var own = tls.Authority.Issue(["partner"], isClient: true).WithKey();
        using var ended = tls.Authority.Issue(["partner"], isClient: true, ends: TimeSpan.FromDays(-1)).WithKey();

        Assert.Equal(HttpStatusCode.OK, (await AskAsync("either.test", version, null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("either.test", version, own)).Status);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync("either.test", version, ended));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    public async Task The_service_is_told_who_has_shown_a_certificate_and_nothing_that_a_client_says_of_it(int major, int minor)
    {
        var version = new Version(major, minor);
        using var own = tls.Authority.Issue(["partner"], isClient: true).WithKey();
        var expected = $"Hash={own.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()};Subject=\"CN=partner\";DNS=partner";

        Assert.Equal(expected, await ToldAsync("partners.test", version, own));
        Assert.Equal(expected, await ToldAsync("either.test", version, own));
        Assert.Null(await ToldAsync("either.test", version, null));
        Assert.Null(await ToldAsync("open.test", version, own));
    }

    private async Task<string?> ToldAsync(string host, Version version, X509Certificate2? own)
    {
        _upstream.Requests.Clear();
        using var client = tls.Client(host, version, own);
        using var request = new HttpRequestMessage(HttpMethod.Get, "there") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("X-Forwarded-Client-Cert", "Hash=00;Subject=\"CN=admin\"");
        request.Headers.TryAddWithoutValidation("X_Forwarded_Client_Cert", "Hash=00;Subject=\"CN=admin\"");
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var received = Assert.Single(_upstream.Requests);
        Assert.DoesNotContain("admin", string.Concat(received.Headers.Values), StringComparison.Ordinal);
        return received.Headers.GetValueOrDefault("X-Forwarded-Client-Cert");
    }

    private async Task<(HttpStatusCode Status, string Body)> AskAsync(string host, Version version, X509Certificate2? own)
    {
        using var client = tls.Client(host, version, own);
        using var request = new HttpRequestMessage(HttpMethod.Get, "there") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
