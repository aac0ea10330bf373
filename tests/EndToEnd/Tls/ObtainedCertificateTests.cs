using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sluice.Tests.EndToEnd.Monitoring;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>Certificates that are obtained from a real server of ACME, which asks the edge for what it is to prove.</summary>
public sealed class ObtainedCertificateTests : IAsyncLifetime
{
    private static readonly int Https = Ports.Free();
    private Gateway _gateway = null!;
    private Pebble _pebble = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Pebble.Missing is not null, Pebble.Missing ?? "");
        _gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__EDGE__HTTPS"] = Https.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["SLUICE__ACME__OPENRANGES"] = "127.0.0.0/8",
        });
        _pebble = await Pebble.StartAsync(_gateway.Edge.Port, "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W");
        foreach (var name in new[] { "one.obtained.test", "two.obtained.test", "three.obtained.test" })
        {
            _pebble.Names.Host(name, 60, "127.0.0.1");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_pebble is not null)
        {
            await _pebble.DisposeAsync();
        }

        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_certificate_is_obtained_serves_is_renewed_and_goes_with_its_declaration()
    {
        await _gateway.Admin.ApplyAsync($$"""
            {{_pebble.Bundle("pebble")}}
            externalAccount: { keyId: kid-1, key: { secret: pebble-eab } }
            ---
            { kind: Secret, name: pebble-eab, value: zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W }
            ---
            { kind: Certificate, name: shop, hosts: [one.obtained.test, two.obtained.test], authority: pebble }
            ---
            { kind: Certificate, name: lost, hosts: [nowhere.obtained.test], authority: pebble }
            """);

        // One whose host cannot be found is told of as the authority tells it, and holds up no other.
        var obtained = await StatusAsync("shop", c => c.GetProperty("order").GetProperty("state").GetString() is "waiting" && c.TryGetProperty("ends", out _));
        Assert.False(obtained.TryGetProperty("warning", out var warning), warning.ToString());
        var lost = await StatusAsync("lost", c => c.GetProperty("order").TryGetProperty("error", out _));
        Assert.Matches("not obtained yet; attempt 1 failed at .*nowhere\\.obtained\\.test: the authority does not take it as proved.*could not resolve", lost.GetProperty("warning").GetString());
        var first = await ShownAsync("one.obtained.test");
        Assert.Equal((first, obtained.GetProperty("fingerprint").GetString()), (await ShownAsync("two.obtained.test"), first.ToLowerInvariant()));

        // It is a revision like others, whose secret is nobody's to change, and whose key is nowhere to be read.
        var revision = (await _gateway.Admin.GetAsync("revisions?limit=1")).GetProperty("items")[0];
        Assert.Equal("acme", revision.GetProperty("author").GetProperty("name").GetString());
        Assert.StartsWith("certificate shop obtained from pebble: serial ", revision.GetProperty("reason").GetString(), StringComparison.Ordinal);
        var (status, refused) = await _gateway.Admin.SendAsync(HttpMethod.Delete, "secrets/acme.shop", null);
        Assert.Equal((HttpStatusCode.Conflict, true), (status, refused.ToString().Contains("belongs to acme", StringComparison.Ordinal)));
        Assert.DoesNotContain("PRIVATE", (await _gateway.Admin.GetAsync("secrets/acme.shop")).ToString(), StringComparison.Ordinal);

        // A host more wants another one, and so does who asks for it; a rollback gives none back.
        await _gateway.Admin.ApplyAsync("{ kind: Certificate, name: shop, hosts: [one.obtained.test, two.obtained.test, three.obtained.test], authority: pebble }");
        await StatusAsync("shop", c => !c.TryGetProperty("warning", out _) && c.GetProperty("hosts").GetArrayLength() == 3);
        var second = await ShownAsync("three.obtained.test");
        Assert.NotEqual(first, second);
        var (code, output, errors) = await CommandAsync("certificate", "renew", "shop");
        Assert.True(code == 0, errors);
        Assert.Contains("pebble", output, StringComparison.Ordinal);
        await StatusAsync("shop", c => c.GetProperty("fingerprint").GetString() is { } now && !string.Equals(now, second, StringComparison.OrdinalIgnoreCase));
        var metrics = await Scrape.OfAsync(_gateway.Sluice.Admin, _gateway.AdminKey);
        Assert.Equal(3, metrics.Value("sluice_certificates_orders_total", "outcome=\"obtained\""));
        Assert.True(metrics.Value("sluice_certificates_orders_total", "outcome=\"failed\"") > 0);
        Assert.True(metrics.Value("sluice_certificates_attempts", "certificate=\"lost\"") > 0);
        Assert.Equal(0, metrics.Value("sluice_certificates_attempts", "certificate=\"shop\""));
        var third = await ShownAsync("one.obtained.test");
        await _gateway.Admin.PostAsync("rollback", JsonSerializer.SerializeToElement(new { to = revision.GetProperty("revision").GetInt64() }));
        Assert.Equal(third, await ShownAsync("one.obtained.test"));

        await _gateway.Admin.DeleteAsync("certificates/shop");
        await Eventually.TrueAsync(async () => (await _gateway.Admin.SendAsync(HttpMethod.Get, "secrets/acme.shop", null)).Status is HttpStatusCode.NotFound, "the secret goes with the certificate");
        Assert.Null((await Scrape.OfAsync(_gateway.Sluice.Admin, _gateway.AdminKey)).Value("sluice_certificates_attempts", "certificate=\"shop\""));
    }

    private async Task<string> ShownAsync(string host)
    {
        using var root = await _pebble.RootAsync();
        await using var stream = await TlsGateway.ConnectAsync(Https, host, root);
        return ((X509Certificate2)stream.RemoteCertificate!).GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
    }

    private async Task<JsonElement> StatusAsync(string name, Func<JsonElement, bool> isSo)
    {
        var last = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                last = (await _gateway.Admin.GetAsync("certificate-status")).GetProperty("items").EnumerateArray().First(c => string.Equals(c.GetProperty("name").GetString(), name, StringComparison.Ordinal));
                return isSo(last);
            },
            $"the state of {name}");
        return last;
    }

    private Task<(int Code, string Output, string Errors)> CommandAsync(params string[] arguments) =>
        HostedSluice.CommandAsync([.. arguments, "--admin-url", _gateway.Sluice.Admin.AbsoluteUri, "--admin-key", _gateway.AdminKey]);
}
