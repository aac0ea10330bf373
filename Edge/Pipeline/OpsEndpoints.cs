using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Memory;
using Sluice.Edge.Metrics;

namespace Sluice.Edge.Pipeline;

/// <summary>What operators' machines ask of an edge, on a port of its own: <c>/healthz/live</c>, <c>/healthz/ready</c> and <c>/metrics</c>.</summary>
internal sealed class OpsEndpoints(IServer server, ActiveRevision active, RevisionAdmission admission, MemoryWatch memory, EdgeDrain drain)
{
    /// <summary>Where the metrics are, as Prometheus reads them.</summary>
    public const string MetricsPath = MetricsText.Path;

    private int _port;

    /// <summary>Whether a request came on the ops port.</summary>
    public bool IsOps(HttpContext http) => http.Connection.LocalPort == Port;

    /// <summary>The port itself, of a server that listens.</summary>
    public int Port => _port == 0 ? FindPort() : _port;

    /// <summary>Answers.</summary>
    /// <param name="http">The request.</param>
    /// <param name="metrics">What writes the metrics; null: they are not told.</param>
    public Task ServeAsync(HttpContext http, RequestDelegate? metrics)
    {
        if (metrics is not null && string.Equals(http.Request.Path.Value, MetricsPath, StringComparison.Ordinal))
        {
            return metrics(http);
        }

        var (status, text) = http.Request.Path.Value switch
        {
            "/healthz/live" => (200, "live\n"),
            "/healthz/ready" when drain.Begun => (503, "ending\n"),
            "/healthz/ready" when memory.IsFull => (503, $"memory is full: {memory.Why}\n"),
            "/healthz/ready" when active.Current is not null && !admission.IsServing => (503, "no lease, without which this edge serves nothing\n"),
            "/healthz/ready" when active.Current is { } revision => (200, $"ready at {revision.Label}\n"),
            "/healthz/ready" => (503, "no revision yet\n"),
            _ => (404, "here are /healthz/live, /healthz/ready and /metrics\n"),
        };
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain";
        return http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), http.RequestAborted).AsTask();
    }

    // The ops listener is the last one declared; its port is known once the server listens, so before the first request.
    private int FindPort() => _port = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.Last()).Port;
}
