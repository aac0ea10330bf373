using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>Upstreams that declare how TLS is spoken to them.</summary>
public sealed class UpstreamTlsTests(ClassGateway shared) : IClassFixture<ClassGateway>, IDisposable
{
    private readonly Service _service = new(shared.Gateway);
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("ca: { secret: CA }, serverName: orders.test", "HTTP/1.1 orders.test")]
    [InlineData("ca: { secret: CA }, verification: chain", "HTTP/1.1 ")]
    [InlineData("serverName: orders.test, verification: none", "HTTP/1.1 orders.test")]
    [InlineData("ca: { secret: CA }", null)]
    [InlineData("ca: { secret: CA }, serverName: other.test", null)]
    [InlineData("ca: { secret: OTHER }, serverName: orders.test", null)]
    [InlineData("serverName: orders.test, verification: chain", null)]
    public async Task Only_whom_the_upstream_should_be_is_sent_anything(string tls, string? expected)
    {
        await using var upstream = await SecuredUpstream.StartAsync(_authority.Issue(["orders.test"]), asks: false);
        using var others = new TestAuthority();
        var prefix = $"s{Guid.NewGuid():n}"[..12];
        await shared.Gateway.Admin.ApplyAsync($"{Secret($"{prefix}-ca", _authority.RootPem)}\n---\n{Secret($"{prefix}-other", others.RootPem)}");
        await _service.ApplyAsync([upstream.Address.AbsoluteUri], $"tls: {{ {tls.Replace("CA", $"{prefix}-ca", StringComparison.Ordinal).Replace("OTHER", $"{prefix}-other", StringComparison.Ordinal)} }}");

        using var answer = await _service.SendAsync();

        Assert.Equal(expected is null ? HttpStatusCode.BadGateway : HttpStatusCode.OK, answer.StatusCode);
        if (expected is not null)
        {
            Assert.Equal($"{expected} \n", await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("http1", "HTTP/1.1")]
    [InlineData("http2", "HTTP/2")]
    public async Task What_the_edge_shows_is_changed_for_each_new_request_and_what_runs_goes_on(string protocol, string spoken)
    {
        await using var upstream = await SecuredUpstream.StartAsync(_authority.Issue(["orders.test"]), asks: true);
        var (first, second) = (_authority.Issue(["edge"], isClient: true), _authority.Issue(["edge"], isClient: true));
        await shared.Gateway.Admin.ApplyAsync(Secrets(first));
        await _service.ApplyAsync(
            [upstream.Address.AbsoluteUri],
            $$"""
            protocol: {{protocol}}
            tls: { ca: { secret: {{_service.Name}}-ca }, serverName: orders.test, clientCertificate: { chain: { secret: {{_service.Name}}-chain }, key: { secret: {{_service.Name}}-key } } }
            """);
        Assert.Equal($"{spoken} orders.test {first.Thumbprint}\n", await GetAsync());
        var running = GetAsync("stream");
        await Eventually.TrueAsync(() => Task.FromResult(upstream.Streams == 1), "the stream runs");

        await shared.Gateway.Admin.ApplyAsync(Secrets(second));

        Assert.Equal($"{spoken} orders.test {second.Thumbprint}\n", await GetAsync());
        upstream.Release();
        Assert.Equal($"{spoken} orders.test {first.Thumbprint}\nend\n", await running);
    }

    [Fact]
    public async Task A_declared_certificate_is_shown_and_one_that_cannot_be_is_refused_by_field()
    {
        await using var upstream = await SecuredUpstream.StartAsync(_authority.Issue(["orders.test"]), asks: true);
        var own = _authority.Issue(["edge.test"], isBoth: true);
        await shared.Gateway.Admin.ApplyAsync(own.Bundle(_service.Name));
        await _service.ApplyAsync(
            [upstream.Address.AbsoluteUri],
            $"health: {{ active: {{ path: /, interval: 100ms }} }}\ntls: {{ verification: none, clientCertificate: {{ certificate: {_service.Name} }} }}");

        Assert.Equal($"HTTP/1.1  {own.Thumbprint}\n", await GetAsync());
        var (status, body) = await shared.Gateway.Admin.SendAsync(HttpMethod.Post, "apply", _authority.Issue(["edge.test"]).Bundle(_service.Name), "application/yaml");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains($"Upstream/{_service.Name}: tls.clientCertificate", body.ToString(), StringComparison.Ordinal);
        Assert.Equal($"HTTP/1.1  {own.Thumbprint}\n", await GetAsync());
    }

    private static string Secret(string name, string value) => $"kind: Secret\nname: {name}\nvalue: {IssuedCertificate.Quoted(value)}";

    private string Secrets(IssuedCertificate own) => string.Join(
        "\n---\n", Secret($"{_service.Name}-ca", _authority.RootPem), Secret($"{_service.Name}-chain", own.Chain), Secret($"{_service.Name}-key", own.Key));

    private async Task<string> GetAsync(string path = "x")
    {
        using var answer = await _service.SendAsync(path: path);
        return await answer.Content.ReadAsStringAsync();
    }
}
