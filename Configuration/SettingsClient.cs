using System.Net.Http.Headers;

namespace Sluice.Configuration;

/// <summary>Asks admin APIs for one application's settings; what fails on one is asked of the next.</summary>
internal sealed class SettingsClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri[] _addresses;
    private readonly string _path;
    private readonly string _query;
    private int _turn;

    /// <exception cref="ArgumentException">An option is wrong; says which.</exception>
    public SettingsClient(SluiceConfigurationOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.App))
        {
            throw new ArgumentException("App must name the application whose settings are wanted.", nameof(options));
        }

        if (options is { FirstDelay.Ticks: <= 0 } or { SilenceBound.Ticks: <= 0 } or { StartTimeout.Ticks: <= 0 } || options.LongestDelay < options.FirstDelay)
        {
            throw new ArgumentException("StartTimeout, SilenceBound and FirstDelay must be above zero, and LongestDelay not below FirstDelay.", nameof(options));
        }

        Uri[] named = [.. options.Addresses];
        _addresses = named.Length > 0 ? named : [FromEnvironment(nameof(options))];
        if (Array.Find(_addresses, a => !a.IsAbsoluteUri || a.Scheme is not ("http" or "https")) is { } wrong)
        {
            throw new ArgumentException($"Addresses must begin with http:// or https://; one is '{wrong}'.", nameof(options));
        }

        var key = options.Key ?? Environment.GetEnvironmentVariable("SLUICE_ADMIN_KEY");
        if (string.IsNullOrWhiteSpace(key))
        {
            throw new ArgumentException("Key must be an admin key of role viewer; or set SLUICE_ADMIN_KEY.", nameof(options));
        }

        _path = $"/api/v1/settings/{Uri.EscapeDataString(options.App)}/";
        _query = options.Profiles.Count > 0 ? $"?profile={Uri.EscapeDataString(string.Join(',', options.Profiles))}" : "";
        _http = new HttpClient(options.Handler?.Invoke() ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            // The stream stays open: the bound is put on each call.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());
    }

    /// <summary>Reads once, without a task: a configuration is loaded in a constructor's time.</summary>
    /// <exception cref="SettingsUnavailableException">No address answered with settings in time.</exception>
    public SettingsSnapshot Load(CancellationToken cancellation)
    {
        SettingsUnavailableException? last = null;
        for (var i = 0; i < _addresses.Length; i++)
        {
            var address = Next();
            try
            {
                using var request = Request(address, "values", null);
                using var answer = _http.Send(request, HttpCompletionOption.ResponseContentRead, cancellation);
                Check(answer, address);
                using var body = new MemoryStream();
                using (var content = answer.Content.ReadAsStream(cancellation))
                {
                    content.CopyTo(body);
                }

                return SettingsSnapshot.Parse(body.ToArray(), id: null);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SettingsUnavailableException)
            {
                last = e as SettingsUnavailableException ?? Unavailable(address, e);
            }
            catch (OperationCanceledException e)
            {
                throw new SettingsUnavailableException($"{address} did not answer in time.", e);
            }
        }

        throw last!;
    }

    /// <summary>Opens the stream of changes at the next address.</summary>
    /// <exception cref="SettingsUnavailableException">It is refused, or nobody answers.</exception>
    public async Task<Stream> WatchAsync(string? lastId, CancellationToken cancellation)
    {
        var address = Next();
        using var request = Request(address, "watch", lastId);
        try
        {
            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            try
            {
                Check(answer, address);

                // Ending the stream ends the answer.
                return await answer.Content.ReadAsStreamAsync(cancellation);
            }
            catch
            {
                answer.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unavailable(address, e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static Uri FromEnvironment(string parameter)
    {
        var text = Environment.GetEnvironmentVariable("SLUICE_ADMIN_URL");
        return Uri.TryCreate(string.IsNullOrWhiteSpace(text) ? "http://127.0.0.1:7070" : text, UriKind.Absolute, out var address)
            ? address
            : throw new ArgumentException($"SLUICE_ADMIN_URL must begin with http:// or https://, is '{text}'.", parameter);
    }

    private static void Check(HttpResponseMessage answer, Uri address)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new SettingsUnavailableException($"{address} answered {(int)answer.StatusCode}{((int)answer.StatusCode is 401 or 403 ? ": the key is not one that it takes" : "")}.");
        }
    }

    private static SettingsUnavailableException Unavailable(Uri address, Exception cause) => new($"{address} cannot be reached: {cause.Message}", cause);

    // A failed address is not the first to be tried again.
    private Uri Next() => _addresses[(uint)(Interlocked.Increment(ref _turn) - 1) % _addresses.Length];

    private HttpRequestMessage Request(Uri address, string what, string? lastId)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{address.AbsoluteUri.TrimEnd('/')}{_path}{what}{_query}"));
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        return request;
    }
}
