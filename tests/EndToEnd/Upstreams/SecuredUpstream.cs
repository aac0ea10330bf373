using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>A server over TLS. It answers the name that it was asked for and the thumbprint of who asked; at <c>/stream</c> it goes on until it is released.</summary>
internal sealed class SecuredUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _streams;

    private SecuredUpstream(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>How many streams have begun.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Ends its streams.</summary>
    public void Release() => _release.TrySetResult();

    /// <summary>Starts on a free port.</summary>
    /// <param name="own">What it shows.</param>
    /// <param name="asks">Whether it wants a certificate of whoever connects.</param>
    public static async Task<SecuredUpstream> StartAsync(IssuedCertificate own, bool asks)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var context = SslStreamCertificateContext.Create(own.WithKey(), [X509Certificate2.CreateFromPem(own.Between)], offline: true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = hello =>
                {
                    hello.Connection.Features.Set(new Asked(hello.ClientHelloInfo.ServerName));
                    return ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = context,
                        ClientCertificateRequired = asks,
                        RemoteCertificateValidationCallback = (_, shown, _, _) => !asks || shown is not null,
                    });
                },
            });
        }));
        var upstream = new SecuredUpstream(builder.Build());
        upstream._app.Run(upstream.AnswerAsync);
        await upstream._app.StartAsync();
        return upstream;
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var name = http.Features.GetRequiredFeature<Asked>().Name;
        await http.Response.WriteAsync($"{http.Request.Protocol} {name} {http.Connection.ClientCertificate?.Thumbprint}\n", http.RequestAborted);
        if (http.Request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal))
        {
            await http.Response.Body.FlushAsync(http.RequestAborted);
            Interlocked.Increment(ref _streams);
            await _release.Task.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("end\n", http.RequestAborted);
        }
    }

    private sealed record Asked(string Name);
}
