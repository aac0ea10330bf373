using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metrics;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>
/// Sends copies of requests to a route's mirrors. It promises: the request waits for none of them and fails by none of them; their answers go nowhere. Copies under way, their bodies and their time are
/// bounded; what is beyond is not sent, and counted. See docs/routes.md.
/// </summary>
internal sealed class Mirrors(Connections connections, AddressChoice addresses, Deadlines deadlines, MirrorInstruments counts)
{
    /// <summary>The most bytes of a body that are copied.</summary>
    public const int MostBody = 256 * 1024;

    /// <summary>The most copies that wait for a body or an answer at a time.</summary>
    public const int MostInFlight = 256;

    private const string Mark = "sluice-mirror";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private int _inFlight;

    /// <summary>Begins what is to be copied of a request that is about to be forwarded. What it returns is to be disposed when that has ended; null: nothing waits for the body.</summary>
    public BodyCopy? Begin(in Arrival arrival, CompiledRoute route, RouteEdit? edit)
    {
        var http = arrival.Http;
        if (http.Request.Headers.Upgrade.Count > 0 || HttpMethods.IsConnect(http.Request.Method))
        {
            return null;
        }

        List<Copy>? copies = null;
        foreach (var mirror in route.Mirrors)
        {
            if (mirror.Share < 1 && Chance.Next() >= mirror.Share)
            {
                continue;
            }

            if (Interlocked.Increment(ref _inFlight) > MostInFlight)
            {
                End(MirrorEnd.Full);
                continue;
            }

            if (addresses.Of(mirror.Upstream).Choose(AddressPoints.Of(mirror.Upstream, http, caller: null)) is { } address)
            {
                (copies ??= []).Add(Prepare(arrival, route, mirror.Upstream, address, edit));
            }
            else
            {
                End(MirrorEnd.Failed);
            }
        }

        if (copies is null)
        {
            return null;
        }

        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is false)
        {
            Send(copies);
            return null;
        }

        var body = new BodyCopy(http.Request.Body, http.Request.ContentLength, MostBody, bytes => Send(copies, bytes), end => copies.ForEach(copy => Drop(copy, end)));
        http.Request.Body = body;
        return body;
    }

    private Copy Prepare(in Arrival arrival, CompiledRoute route, UpstreamResource upstream, UpstreamAddress address, RouteEdit? edit)
    {
        var request = arrival.Http.Request;
        var config = RequestConfigs.For(upstream);
        var content = new CopiedContent();
        var message = new HttpRequestMessage(new HttpMethod(request.Method), RequestUtilities.MakeDestinationAddress(address.Text, edit?.Path ?? request.Path, edit?.Query ?? request.QueryString))
        {
            Version = config.Version!,
            VersionPolicy = config.VersionPolicy!.Value,
            Content = content,
        };
        RouteHeaders.Write(arrival, route.Resource.Access, edit, message, static (to, name, value) => _ = to.Headers.TryAddWithoutValidation(name, value) || to.Content!.Headers.TryAddWithoutValidation(name, value));
        message.Headers.TryAddWithoutValidation(Mark, route.Resource.Name);
        if ((edit?.Host ?? address.Found.Host) is { } host)
        {
            message.Headers.Host = host;
        }

        return new Copy(arrival.Revision, upstream, address, message, content);
    }

    private void Send(List<Copy> copies, ReadOnlyMemory<byte>? body = null)
    {
        foreach (var copy in copies)
        {
            if (body is { } bytes)
            {
                copy.Content.Bytes = bytes;
            }
            else
            {
                copy.Message.Content = null;
            }

            // On a thread of its own, for the request's goes on with the request.
            ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Mirrors.SendAsync(state.Copy), (Mirrors: this, Copy: copy), preferLocal: false);
        }
    }

    private async Task SendAsync(Copy copy)
    {
        var end = MirrorEnd.Failed;
        Interlocked.Increment(ref copy.Address.State.InFlight);
        try
        {
            using var deadline = deadlines.Rent(CancellationToken.None);
            deadline.In(Bound);
            using var answer = await connections.For(copy.Upstream, copy.Revision).SendAsync(copy.Message, deadline.Token);
            await answer.Content.CopyToAsync(Stream.Null, deadline.Token);
            end = (int)answer.StatusCode >= StatusCodes.Status500InternalServerError ? MirrorEnd.Failed : MirrorEnd.Answered;
        }
        catch (Exception)
        {
            // Counted as failed: of a copy nobody is told more.
        }
        finally
        {
            Interlocked.Decrement(ref copy.Address.State.InFlight);
            Drop(copy, end);
        }
    }

    private void Drop(Copy copy, MirrorEnd end)
    {
        copy.Message.Dispose();
        End(end);
    }

    private void End(MirrorEnd end)
    {
        Interlocked.Decrement(ref _inFlight);
        counts.Count(end);
    }

    private sealed record Copy(EdgeRevision Revision, UpstreamResource Upstream, UpstreamAddress Address, HttpRequestMessage Message, CopiedContent Content);
}

/// <summary>How a copy of a request ended.</summary>
internal enum MirrorEnd
{
    /// <summary>With an answer below 500.</summary>
    Answered,

    /// <summary>With none, or one from 500 on.</summary>
    Failed,

    /// <summary>Not sent: as many as may be were under way.</summary>
    Full,

    /// <summary>Not sent: its body was larger than is copied.</summary>
    Large,

    /// <summary>Not sent: its body did not come to its end.</summary>
    Broken,
}
