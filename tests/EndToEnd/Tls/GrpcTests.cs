using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>gRPC through routes, as the official client and server speak it.</summary>
public sealed class GrpcTests(TlsGateway tls) : IClassFixture<TlsGateway>, IAsyncLifetime
{
    private WebApplication _service = null!;
    private GrpcChannel _channel = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await EchoService.StartAsync();
        await tls.Gateway.Admin.ApplyAsync($$"""
            {{tls.Authority.Issue(["grpc.test"]).Bundle("grpc")}}
            ---
            kind: Upstream
            name: echo
            addresses: ["{{_service.Urls.First()}}"]
            protocol: http2
            ---
            kind: Route
            name: echo
            match: { path: "/test.Echo/{method}" }
            split: [{ upstream: echo }]
            """);
        _channel = GrpcChannel.ForAddress("https://grpc.test", new GrpcChannelOptions { HttpHandler = tls.Handler(), DisposeHttpClient = true });
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_call_has_its_answer_its_headers_and_its_trailers()
    {
        using var call = Say("Hello", new Metadata { { "asked", "so" } });

        Assert.Equal("Hello", await call.ResponseAsync);
        Assert.Equal("so", call.GetTrailers().GetValue("said"));
        Assert.NotNull((await call.ResponseHeadersAsync).GetValue("sluice-revision"));
    }

    [Fact]
    public async Task A_failed_call_has_its_status_and_its_trailers()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await Say("fail", new Metadata { { "asked", "so" } }));

        Assert.Equal((StatusCode.FailedPrecondition, "asked to fail"), (failure.StatusCode, failure.Status.Detail));
        Assert.Equal("so", failure.Trailers.GetValue("said"));
    }

    [Fact]
    public async Task Messages_go_both_ways_one_by_one()
    {
        using var call = _channel.CreateCallInvoker().AsyncDuplexStreamingCall(EchoService.Talk, null, Bounded());
        for (var i = 0; i < 20; i++)
        {
            // Each is answered before the next is sent: nothing on the way waits for more.
            await call.RequestStream.WriteAsync($"message {i}");
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal($"message {i}", call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_deadline_ends_the_call_at_the_service_too()
    {
        using var call = _channel.CreateCallInvoker().AsyncUnaryCall(EchoService.Wait, null, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200)), "wait");

        Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
        await EchoService.GivenUp.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task A_path_without_a_route_is_told_as_unimplemented()
    {
        var nowhere = new Method<string, string>(MethodType.Unary, "test.Nowhere", "Say", EchoService.Say.RequestMarshaller, EchoService.Say.ResponseMarshaller);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await _channel.CreateCallInvoker().AsyncUnaryCall(nowhere, null, Bounded(), "Hello"));

        Assert.Equal(StatusCode.Unimplemented, failure.StatusCode);
    }

    [Fact]
    public async Task Without_TLS_it_is_spoken_on_a_port_of_its_own()
    {
        using var clear = GrpcChannel.ForAddress($"http://127.0.0.1:{tls.Http2}");

        Assert.Equal("Hello", await clear.CreateCallInvoker().AsyncUnaryCall(EchoService.Say, null, Bounded(), "Hello"));
    }

    private static CallOptions Bounded(Metadata? headers = null) => new(headers, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(20));

    private AsyncUnaryCall<string> Say(string text, Metadata headers) => _channel.CreateCallInvoker().AsyncUnaryCall(EchoService.Say, null, Bounded(headers), text);
}
