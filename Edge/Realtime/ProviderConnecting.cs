using System.Net.WebSockets;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Realtime;

/// <summary>Connects to a target's provider as the client asked for it: with the target's name for the model, our credential, and what else the client's request said. The addresses that are connected to are guarded as those of other calls.</summary>
internal sealed class ProviderConnecting(Connections connections)
{
    /// <summary>How often each side is asked whether it is still there, and how long it has to answer.</summary>
    public static readonly TimeSpan AliveEvery = TimeSpan.FromSeconds(20);

    /// <summary>Connects, or tells why it could not.</summary>
    /// <param name="http">The client's request.</param>
    /// <param name="target">Whom to connect to.</param>
    /// <param name="credential">Null: it asks for none.</param>
    /// <param name="cancellation">Bounds the wait.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<Connected> ConnectAsync(HttpContext http, CompiledTarget target, string? credential, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        try
        {
            var options = socket.Options;
            options.CollectHttpResponseDetails = true;
            options.KeepAliveInterval = AliveEvery;
            options.KeepAliveTimeout = AliveEvery;
            foreach (var offered in OfferedProtocols.Passing(http))
            {
                options.AddSubProtocol(offered);
            }

            AddHeaders(http, target, credential, options);
            await socket.ConnectAsync(AddressOf(http, target), connections.For(target.Provider), cancellation);
            return new Connected(socket, new HandshakeAnswer(StatusCodes.Status101SwitchingProtocols, null));
        }
        catch (WebSocketException) when (!cancellation.IsCancellationRequested)
        {
            // Without an answer it has a status of 0.
            var status = (int)socket.HttpStatusCode;
            var refused = status < StatusCodes.Status100Continue ? null : new HandshakeAnswer(status, socket.HttpResponseHeaders);
            socket.Dispose();
            return new Connected(null, refused);
        }
        catch
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static Uri AddressOf(HttpContext http, CompiledTarget target)
    {
        var address = new UriBuilder(target.Provider.Address!);
        address.Scheme = string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase) ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        address.Path = $"{address.Path.TrimEnd('/')}/realtime";
        var others = http.Request.Query.Where(field => field.Key is not "model").SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value)));
        address.Query = QueryHelpers.AddQueryString($"?model={UrlEncoder.Default.Encode(target.Target.Model)}", others);
        return address.Uri;
    }

    private static void AddHeaders(HttpContext http, CompiledTarget target, string? credential, ClientWebSocketOptions options)
    {
        var headers = http.Request.Headers;
        var nominated = NominatedHeaders.Of(headers.Connection);
        foreach (var (name, values) in headers)
        {
            if (HeaderRules.PassesToProvider(name) && !name.StartsWith("sec-websocket-", StringComparison.OrdinalIgnoreCase) && nominated?.Contains(name) is not true)
            {
                options.SetRequestHeader(name, values.ToString());
            }
        }

        if (credential is not null)
        {
            var (name, value) = ProviderRequests.CredentialHeader(target.Provider, credential);
            options.SetRequestHeader(name, value);
        }
    }
}

/// <summary>What came of a try to connect.</summary>
/// <param name="Socket">Null: there is no connection.</param>
/// <param name="Answer">The provider's; null: there was none.</param>
internal readonly record struct Connected(ClientWebSocket? Socket, HandshakeAnswer? Answer);
