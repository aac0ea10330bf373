using System.Globalization;

namespace Sluice.Cli.Agent;

/// <summary>Tells the application that its file has changed: POST without a body, each call in bounded time, tried again after 0.5, 1, 2 … 10 s.</summary>
internal sealed class ReloadCall(Uri url, TimeSpan bound, int tries) : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = bound, MaxResponseContentBufferSize = 64 * 1024 };

    public Uri Url => url;

    /// <summary>Answers null when it was told, else why it could not be.</summary>
    public async Task<string?> RunAsync(CancellationToken cancellation)
    {
        var delay = FirstDelay;
        for (var attempt = 1; ; attempt++)
        {
            if (await TryAsync(cancellation) is not { } fault)
            {
                return null;
            }

            if (attempt == tries)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{fault}; tried {tries} times");
            }

            await Task.Delay(delay, TimeProvider.System, cancellation);
            delay = delay * 2 > LongestDelay ? LongestDelay : delay * 2;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string?> TryAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.PostAsync(url, content: null, cancellation);
            return answer.IsSuccessStatusCode ? null : string.Create(CultureInfo.InvariantCulture, $"it answered {(int)answer.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it did not answer in {bound.TotalSeconds:0} s");
        }
    }
}
