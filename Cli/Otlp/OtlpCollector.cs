using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Sluice.Cli.Admin;

namespace Sluice.Cli.Otlp;

/// <summary>A collector that takes logs by OTLP over HTTP, in JSON. What it has no time for is sent again, as the protocol says: after 429, 502, 503 and 504, and when <c>Retry-After</c> names.</summary>
internal sealed class OtlpCollector : IDisposable
{
    private const string Path = "/v1/logs";
    private const int MostTries = 5;
    private const int MostOfReason = 500;
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _address;

    /// <summary>Takes where it is.</summary>
    /// <param name="address">Its endpoint, as <c>http://127.0.0.1:4318</c>; <c>/v1/logs</c> is added where it does not end so.</param>
    /// <param name="headers">As <c>OTEL_EXPORTER_OTLP_HEADERS</c> has them: <c>name=value</c>, separated by commas, values percent-encoded.</param>
    /// <exception cref="UsageException">One of them is not that.</exception>
    public OtlpCollector(string address, string? headers)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"--otlp must be the address of a collector, as http://127.0.0.1:4318, is '{address}'");
        }

        _address = endpoint.AbsolutePath.EndsWith(Path, StringComparison.Ordinal) ? endpoint : new Uri($"{endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}{Path}");
        foreach (var header in (headers ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = header.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts is not [{ Length: > 0 } name, var value] || !_http.DefaultRequestHeaders.TryAddWithoutValidation(name, Uri.UnescapeDataString(value)))
            {
                throw new UsageException("OTEL_EXPORTER_OTLP_HEADERS must be name=value, separated by commas");
            }
        }
    }

    /// <summary>Where it takes logs.</summary>
    public Uri Address => _address;

    /// <summary>Sends one request's body, and returns how many records of it the collector did not take.</summary>
    /// <exception cref="AdminRefusedException">It takes nothing, or cannot be reached.</exception>
    public async Task<long> SendAsync(byte[] body, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var (answer, reason) = await TryAsync(body, cancellation);
            using (answer)
            {
                if (answer?.IsSuccessStatusCode is true)
                {
                    return RejectedOf(await answer.Content.ReadAsByteArrayAsync(cancellation));
                }

                var isPassing = answer?.StatusCode is null or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
                if (!isPassing || tries == MostTries)
                {
                    var text = answer is null ? reason : $"it answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellation)}";
                    throw new AdminRefusedException($"The collector at {_address} did not take the calls: {(text.Length > MostOfReason ? text[..MostOfReason] : text)}");
                }

                var wait = answer?.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(Math.Pow(2, tries - 1));
                await Task.Delay(wait < MostWait ? wait : MostWait, TimeProvider.System, cancellation);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<(HttpResponseMessage? Answer, string Reason)> TryAsync(byte[] body, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            return (await _http.PostAsync(_address, content, cancellation), "");
        }
        catch (HttpRequestException e)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"it did not answer within {_http.Timeout.TotalSeconds} s");
        }
    }

    // {"partialSuccess": {"rejectedLogRecords": "2", "errorMessage": "…"}}, or anything else that is no complaint.
    private static long RejectedOf(byte[] body)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            return answer.RootElement.ValueKind is JsonValueKind.Object
                && answer.RootElement.TryGetProperty("partialSuccess", out var partial) && partial.ValueKind is JsonValueKind.Object
                && partial.TryGetProperty("rejectedLogRecords", out var rejected)
                && long.TryParse(rejected.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
        }
        catch (JsonException)
        {
            return 0;
        }
    }
}
