using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sluice.Revisions.Outbound;

namespace Sluice.Grains.Webhooks;

/// <summary>What came of one attempt.</summary>
/// <param name="Error">Null: the receiver took it.</param>
/// <param name="IsFinal">Whether another attempt would be of no use.</param>
/// <param name="RetryAfter">For how long the receiver wants to be left alone.</param>
internal sealed record SendResult(string? Error, bool IsFinal = false, TimeSpan? RetryAfter = null);

/// <summary>Sends to addresses that somebody typed: none that the guard refuses, following no redirect, with no proxy of the environment and no cookie, reading nothing of the answer but its head.</summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);
    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _time;

    public WebhookSender(IOptions<WebhookOptions> options, OwnPorts own, TimeProvider time)
    {
        _time = time;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            ConnectCallback = new GuardedConnector(AddressGuard.ForWebhooks(options.Value.OpenRanges, own)).ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
            MaxConnectionsPerServer = 8,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
        });
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Makes one attempt, of 15 s at most. Nothing is thrown but for cancellation.</summary>
    public async Task<SendResult> SendAsync(Uri url, StoredDelivery delivery, IReadOnlyList<byte[]> keys, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(delivery.Body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", delivery.Id);
        request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(keys, delivery.Id, now, delivery.Body));
        return await SendAsync(request, cancellation);
    }

    /// <summary>The same in Slack's form, <c>{"text": …}</c>, unsigned: who knows the address may post.</summary>
    public async Task<SendResult> SendSlackAsync(Uri url, StoredDelivery delivery, CancellationToken cancellation)
    {
        var text = WebhookText.Of(delivery.Body);
        var lines = string.Join('\n', text.Lines.Prepend($"*{text.Title}*").Select(Escape));
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(JsonSerializer.Serialize(new { text = lines }), Encoding.UTF8, "application/json") };
        return await SendAsync(request, cancellation);

        // https://api.slack.com/reference/surfaces/formatting, "Escaping text".
        static string Escape(string line) => line.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
    }

    private async Task<SendResult> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var url = request.RequestUri!;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("sluice-webhooks", "1"));
        using var bound = new CancellationTokenSource(Bound, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            using var answer = await _client.SendAsync(request, both.Token);
            return Read(answer);
        }
        catch (HttpRequestException failure)
        {
            return new SendResult((failure.InnerException as AddressRefusedException)?.Message ?? $"'{url.IdnHost}' could not be reached: {failure.HttpRequestError}.");
        }
        catch (Exception failure) when (failure is IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new SendResult(failure is IOException ? $"'{url.IdnHost}' broke off." : $"'{url.IdnHost}' did not answer within {Bound.TotalSeconds:0} seconds.");
        }
    }

    private static SendResult Read(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        var text = status.ToString(CultureInfo.InvariantCulture);
        return status switch
        {
            >= 200 and < 300 => new SendResult(null),
            >= 300 and < 400 => new SendResult($"It answered {text}: redirects are not followed; declare the address that is meant."),

            // Who answers so wants nothing any more (Standard Webhooks, "Responding to webhooks").
            410 => new SendResult("It answered 410: nothing is wanted there any more.", IsFinal: true),
            _ => new SendResult($"It answered {text}.", RetryAfter: answer.Headers.RetryAfter?.Delta),
        };
    }
}
