using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>The changes of a route as they are for one request, whichever way it is forwarded.</summary>
internal sealed class RouteEdit
{
    private readonly CompiledTransforms _transforms;
    private readonly RequestValues _values;

    private RouteEdit(CompiledTransforms transforms, in RequestValues values, HttpRequest request)
    {
        (_transforms, _values) = (transforms, values);
        Path = transforms.Path is { } path ? new PathString(path.FillPath(values)) : request.Path;
        Query = transforms.Query is { } query ? new QueryString(QueryEdit.Apply(request.QueryString.Value ?? "", query, values)) : request.QueryString;
        Host = transforms.HostFor(values) is { Length: > 0 } host ? host : null;
    }

    /// <summary>The path that the upstream is asked for, decoded.</summary>
    public PathString Path { get; }

    /// <summary>The query that the upstream is asked with.</summary>
    public QueryString Query { get; }

    /// <summary>The host that the upstream is told; null: its own.</summary>
    public string? Host { get; }

    /// <summary>The changes for a request; null: the route has none.</summary>
    public static RouteEdit? Of(in Arrival arrival, CompiledRoute route, Caller? caller) =>
        route.Transforms is { } transforms ? new RouteEdit(transforms, ValuesOf(arrival, caller), arrival.Http.Request) : null;

    /// <summary>What templates can name of a request.</summary>
    public static RequestValues ValuesOf(in Arrival arrival, Caller? caller)
    {
        var request = arrival.Http.Request;
        var identity = caller?.Identity;
        return new RequestValues(
            request.Path.Value ?? "/", request.Host.Value, request.Scheme, request.Method, arrival.RequestId, arrival.Http.Connection.RemoteIpAddress?.ToString(), identity?.Tenant, identity?.User, identity?.KeyId);
    }

    /// <summary>The host in the bytes of a request's head; null: the upstream's own.</summary>
    public byte[]? HostBytes => Host is null ? null : Encoding.Latin1.GetBytes(Host);

    /// <summary>Whether a header of the client's is not passed on.</summary>
    public bool DropsFromRequest(string name) => _transforms.RequestHeaders?.Drops(name) is true;

    /// <summary>Gives what the upstream is sent besides to <paramref name="add"/>.</summary>
    public void AddToRequest<T>(T to, Action<T, string, string?> add)
    {
        if (_transforms.RequestHeaders is { } changes)
        {
            foreach (var (name, value) in changes.Put)
            {
                add(to, name, value.Fill(_values, InHeader));
            }
        }
    }

    /// <summary>Changes the headers of the upstream's answer.</summary>
    public void ApplyToAnswer(IHeaderDictionary headers)
    {
        if (_transforms.ResponseHeaders is { } changes)
        {
            Apply(changes, _values, headers);
        }
    }

    /// <summary>Makes changes in headers.</summary>
    public static void Apply(CompiledChanges changes, in RequestValues values, IHeaderDictionary headers)
    {
        foreach (var name in changes.Drop)
        {
            headers.Remove(name);
        }

        foreach (var (name, value) in changes.Put)
        {
            headers.Append(name, value.Fill(values, InHeader));
        }
    }

    // Encoded as in paths: no value of a request may end a header's line.
    private static string InHeader(string value) => new PathString($"/{value}").ToUriComponent()[1..];
}
