using System.Net;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>A service of gRPC, as its generated code would have it, whose messages are texts.</summary>
[BindServiceMethod(typeof(EchoService), nameof(Bind))]
public class EchoService
{
    private const string Name = "test.Echo";
    private static readonly Marshaller<string> Texts = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    /// <summary>Answers what it was sent.</summary>
    public static Method<string, string> Say { get; } = new(MethodType.Unary, Name, nameof(SayAsync), Texts, Texts);

    /// <summary>Answers each message as it comes.</summary>
    public static Method<string, string> Talk { get; } = new(MethodType.DuplexStreaming, Name, nameof(TalkAsync), Texts, Texts);

    /// <summary>Waits until the caller has given up.</summary>
    public static Method<string, string> Wait { get; } = new(MethodType.Unary, Name, nameof(WaitAsync), Texts, Texts);

    /// <summary>How many calls of <see cref="Wait"/> were seen to be given up.</summary>
    public static TaskCompletionSource GivenUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts a server of it, without TLS.</summary>
    public static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<EchoService>();
        app.UseEndpoints(_ => { });
        await app.StartAsync();
        return app;
    }

    /// <summary>As generated code has it.</summary>
    public static void Bind(ServiceBinderBase binder, EchoService? service)
    {
        binder.AddMethod(Say, service is null ? null : service.SayAsync);
        binder.AddMethod(Talk, service is null ? null : service.TalkAsync);
        binder.AddMethod(Wait, service is null ? null : service.WaitAsync);
    }

    /// <summary>A message of <c>fail</c> is refused with a status and trailers.</summary>
    public virtual Task<string> SayAsync(string request, ServerCallContext context)
    {
        context.ResponseTrailers.Add("said", context.RequestHeaders.GetValue("asked") ?? "");
        return request is "fail" ? throw new RpcException(new Status(StatusCode.FailedPrecondition, "asked to fail")) : Task.FromResult(request);
    }

    /// <summary>One answer a message.</summary>
    public virtual async Task TalkAsync(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            await responses.WriteAsync(request, context.CancellationToken);
        }
    }

    /// <summary>Ends by the caller's deadline alone.</summary>
    public virtual async Task<string> WaitAsync(string request, ServerCallContext context)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
        }
        finally
        {
            GivenUp.TrySetResult();
        }

        return request;
    }
}
