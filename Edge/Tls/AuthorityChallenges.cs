using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Tls;

/// <summary>
/// Answers the challenges of authorities (HTTP-01; RFC 8555, section 8.3) on hosts whose certificates are obtained. What is answered is asked of the order's grain: whichever edge an authority
/// comes to, it hears what was stored before it was told to come, and no edge has to be told of it.
/// </summary>
internal sealed class AuthorityChallenges(IClusterClient cluster, EdgeOptions options, TimeProvider time, ILogger<AuthorityChallenges> log)
{
    private const string Prefix = "/.well-known/acme-challenge/";
    private const int MostAtOnce = 32;
    private const int LongestToken = 256;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);
    private int _asking;

    /// <summary>The certificate for whose authority a request may be; null: it is none of this.</summary>
    public static string? CertificateOf(HttpRequest request, FrozenDictionary<string, string> hosts) =>
        request.Path.Value is { } path && path.StartsWith(Prefix, StringComparison.Ordinal) && path.Length - Prefix.Length is > 0 and <= LongestToken && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(HostNames.WithoutPort(request.Host.Value ?? ""), out var certificate)
            ? certificate
            : null;

    /// <summary>Answers, where the token is one that an authority was given for this host. False: it is not, and nothing was answered.</summary>
    public async Task<bool> TryServeAsync(HttpContext http, string certificate)
    {
        // Anybody may ask for such paths; silos are not to be kept busy by it.
        if (Interlocked.Increment(ref _asking) > MostAtOnce)
        {
            Interlocked.Decrement(ref _asking);
            await RefuseAsync(http);
            return true;
        }

        string? answer;
        try
        {
            var order = cluster.GetGrain<IEdgeCertificateOrderGrain>(GrainKeys.Join(options.Workspace, certificate));
            answer = await order.FindAnswerAsync(HostNames.WithoutPort(http.Request.Host.Value ?? "").ToString(), http.Request.Path.Value![Prefix.Length..]).WaitAsync(Bound, time, http.RequestAborted);
        }
        catch (Exception failure) when (!http.RequestAborted.IsCancellationRequested)
        {
            log.LogWarning("A challenge for certificate {Certificate} could not be answered: {Reason}", certificate, failure.Message);
            await RefuseAsync(http);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _asking);
        }

        if (answer is null)
        {
            return false;
        }

        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = answer.Length;
        if (HttpMethods.IsGet(http.Request.Method))
        {
            await http.Response.WriteAsync(answer, http.RequestAborted);
        }

        return true;
    }

    private static Task RefuseAsync(HttpContext http) =>
        Answers.WriteProblemAsync(http, new ClientError(503, "The challenge cannot be answered at this moment; ask again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1)));
}
