using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>
/// Lists the EndpointSlices of a service and watches them from there (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes); a watch that ends
/// is begun anew from a list. With the account of the edge's pod, or as a kubeconfig says.
/// </summary>
internal sealed class KubernetesSource(KubernetesDiscovery discovery, string? kubeconfig, TimeProvider time) : IAddressSource
{
    private const string OfService = "kubernetes.io/service-name";
    private const int LongestWatch = 240;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    public async Task RunAsync(Action<ImmutableArray<FoundAddress>> found, CancellationToken cancellation)
    {
        using var client = Connect();
        var slices = new Dictionary<string, V1EndpointSlice>(StringComparer.Ordinal);
        while (true)
        {
            var list = await ListAsync(client, cancellation);
            slices.Clear();
            foreach (var slice in list.Items)
            {
                slices[slice.Metadata.Name] = slice;
            }

            found(EndpointAddresses.Of(slices.Values, discovery));
            try
            {
                await WatchAsync(client, list.Metadata?.ResourceVersion, slices, found, cancellation);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // So end those that had nothing to tell, too; whether the server is still there, the list finds out.
            }

            // Watches that end at once do not make a list each moment.
            await Task.Delay(Between, time, cancellation);
        }
    }

    private async Task WatchAsync(
        Kubernetes client, string? version, Dictionary<string, V1EndpointSlice> slices, Action<ImmutableArray<FoundAddress>> found, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(TimeSpan.FromSeconds(LongestWatch) + Bound);
        await foreach (var (type, slice) in client.DiscoveryV1.WatchListNamespacedEndpointSliceAsync(
            discovery.Namespace,
            labelSelector: $"{OfService}={discovery.Service}",
            resourceVersion: version,
            timeoutSeconds: LongestWatch,
            onError: static failure => throw new IOException("The watch ended: most often what it began from is too old.", failure),
            cancellationToken: bound.Token))
        {
            if (type is WatchEventType.Error)
            {
                return;
            }

            if (type is WatchEventType.Deleted)
            {
                slices.Remove(slice.Metadata.Name);
            }
            else
            {
                slices[slice.Metadata.Name] = slice;
            }

            found(EndpointAddresses.Of(slices.Values, discovery));
        }
    }

    private Kubernetes Connect()
    {
        try
        {
            return new Kubernetes(kubeconfig is null ? KubernetesClientConfiguration.InClusterConfig() : KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        }
        catch (Exception e) when (e is k8s.Exceptions.KubeConfigException or IOException)
        {
            throw new DiscoveryException($"the API server is not known: {e.Message} Run the edge in a pod, or set Edge:Kubeconfig");
        }
    }

    private async Task<V1EndpointSliceList> ListAsync(Kubernetes client, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        try
        {
            return await client.DiscoveryV1.ListNamespacedEndpointSliceAsync(discovery.Namespace, labelSelector: $"{OfService}={discovery.Service}", cancellationToken: bound.Token);
        }
        catch (k8s.Autorest.HttpOperationException e)
        {
            throw new DiscoveryException(FormattableString.Invariant(
                $"the API server answers {(int)e.Response.StatusCode} to a list of endpointslices in {discovery.Namespace}; the edge's account needs get, list and watch of them"));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DiscoveryException("the API server did not answer in time");
        }
    }
}
