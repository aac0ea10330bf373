using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Resources;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Upstreams.Discovery;

/// <summary>Against a server that answers lists and watches in the form that Kubernetes documents (https://kubernetes.io/docs/reference/using-api/api-concepts/).</summary>
public sealed class KubernetesSourceTests : IAsyncLifetime
{
    private const string Path = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _lists = new();
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private Upstream _server = null!;

    public async ValueTask InitializeAsync() => _server = await Upstream.StartAsync(AnswerAsync);

    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_listed_is_told_and_each_change_as_it_is_watched()
    {
        _lists.Enqueue(List("7", Slice("a", "10.0.0.1")));
        await using var found = new FoundBy(Source());
        await found.TellsAsync("http://10.0.0.1:8080/ as orders.shop.svc:8080");

        _events.Writer.TryWrite(Event("ADDED", Slice("b", "10.0.0.2")));
        await found.TellsAsync("http://10.0.0.1:8080/ as orders.shop.svc:8080, http://10.0.0.2:8080/ as orders.shop.svc:8080");

        _events.Writer.TryWrite(Event("MODIFIED", Slice("b", "10.0.0.3")));
        await found.TellsAsync("http://10.0.0.1:8080/ as orders.shop.svc:8080, http://10.0.0.3:8080/ as orders.shop.svc:8080");

        _events.Writer.TryWrite(Event("DELETED", Slice("a", "10.0.0.1")));
        await found.TellsAsync("http://10.0.0.3:8080/ as orders.shop.svc:8080");

        var asked = _server.Requests.Select(r => (r.Target, r.Headers["Authorization"])).ToList();
        Assert.All(asked, a => Assert.Equal("Bearer of-the-edge", a.Item2));
        Assert.Contains("labelSelector=kubernetes.io%2Fservice-name%3Dorders", asked[0].Target, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("resourceVersion=7", asked[1].Target, StringComparison.Ordinal);
        Assert.Contains("watch=true", asked[1].Target, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}}""")]
    public async Task A_watch_that_ends_begins_anew_from_a_list(string end)
    {
        _lists.Enqueue(List("7", Slice("a", "10.0.0.1")));
        _lists.Enqueue(List("9", Slice("a", "10.0.0.9")));
        await using var found = new FoundBy(Source());
        await found.TellsAsync("http://10.0.0.1:8080/ as orders.shop.svc:8080");

        _events.Writer.TryWrite(end);

        await found.TellsAsync("http://10.0.0.9:8080/ as orders.shop.svc:8080");
    }

    [Fact]
    public async Task An_account_that_may_not_list_is_told_what_it_needs()
    {
        await using var found = new FoundBy(Source());

        await found.EndsAsync();

        Assert.Equal("the API server answers 403 to a list of endpointslices in shop; the edge's account needs get, list and watch of them", found.Failure);
    }

    private async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        http.Response.ContentType = "application/json";
        if (!http.Request.Path.Equals(Path, StringComparison.Ordinal))
        {
            http.Response.StatusCode = 404;
        }
        else if (http.Request.Query["watch"].ToString() is "true" or "True")
        {
            await http.Response.StartAsync(http.RequestAborted);
            await foreach (var line in _events.Reader.ReadAllAsync(http.RequestAborted))
            {
                if (line.Length == 0)
                {
                    return;
                }

                await http.Response.WriteAsync($"{line}\n", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }
        }
        else if (_lists.TryDequeue(out var list))
        {
            await http.Response.WriteAsync(list, http.RequestAborted);
        }
        else
        {
            http.Response.StatusCode = 403;
            await http.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}""", http.RequestAborted);
        }
    }

    private KubernetesSource Source()
    {
        var path = System.IO.Path.Combine(_folder.Path, "kubeconfig");
        File.WriteAllText(path, $$"""
            apiVersion: v1
            kind: Config
            current-context: here
            clusters: [{ name: here, cluster: { server: "{{_server.Address}}" } }]
            users: [{ name: edge, user: { token: of-the-edge } }]
            contexts: [{ name: here, context: { cluster: here, user: edge } }]
            """);
        return new KubernetesSource(new KubernetesDiscovery("shop", "orders", "http", new AddressForm(IsSecure: false, "/")), path, TimeProvider.System);
    }

    private static string List(string version, string slice) =>
        $$"""{"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":{"resourceVersion":"{{version}}"},"items":[{{slice}}]}""";

    private static string Event(string type, string slice) => $$$"""{"type":"{{{type}}}","object":{{{slice}}}}""";

    private static string Slice(string name, string address) =>
        $$$"""{"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","metadata":{"name":"{{{name}}}","namespace":"shop","labels":{"kubernetes.io/service-name":"orders"}},"addressType":"IPv4","endpoints":[{"addresses":["{{{address}}}"],"conditions":{"ready":true}}],"ports":[{"name":"http","protocol":"TCP","port":8080}]}""";
}
