using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Admin;

/// <summary>Speaks to the admin API. Every failure is an <see cref="AdminRefusedException"/> that says what to do.</summary>
internal sealed class AdminClient : IDisposable
{
    // An edge has no such route.
    private const string OfEdges = "urn:sluice:problem:no-route";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http;
    private readonly Uri _root;

    /// <summary>A client of one admin API.</summary>
    /// <param name="key">Null: only what wants no key can be asked.</param>
    /// <param name="authorities">The CA of a private certificate, and then no other is trusted; null: those of the system.</param>
    public AdminClient(Uri address, string? key, X509Certificate2Collection? authorities)
    {
        _root = new Uri($"{address.AbsoluteUri.TrimEnd('/')}/api/v1/");

        // Events stay open: what has a bound is the wait for an answer's head, and for a body that is read whole.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (authorities is not null)
        {
            handler.SslOptions.CertificateChainPolicy = PrivateAuthority.Only(authorities);
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        HasKey = key is not null;
        _http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        var version = typeof(AdminClient).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("sluice-cli", version));
    }

    /// <summary>Whether it can ask for what wants a key.</summary>
    public bool HasKey { get; }

    public Task<T> GetAsync<T>(string path, CancellationToken cancellation) => SendAsync<T>(HttpMethod.Get, path, null, null, cancellation);

    public Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellation, long? ifMatch = null) =>
        SendAsync<T>(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body, body.GetType(), options: AdminJson.Options), ifMatch, cancellation);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, long? ifMatch, CancellationToken cancellation)
    {
        using var answer = await OpenAsync(method, path, content, ifMatch, cancellation);
        try
        {
            return await WithinAsync(bound => answer.Content.ReadFromJsonAsync<T?>(AdminJson.Options, bound), cancellation) ?? throw NotUnderstood(null);
        }
        catch (JsonException e)
        {
            throw NotUnderstood(e);
        }
    }

    public async Task DeleteAsync(string path, CancellationToken cancellation)
    {
        using var answer = await OpenAsync(HttpMethod.Delete, path, null, null, cancellation);
    }

    /// <summary>An answer whose body is still to be read; the caller ends it.</summary>
    /// <param name="lastEvent">The id after which a stream of events goes on; null: from where it begins.</param>
    public async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method, string path, HttpContent? content, long? ifMatch, CancellationToken cancellation, string? lastEvent = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_root, path)) { Content = content };
        if (ifMatch is { } revision)
        {
            request.Headers.IfMatch.Add(new EntityTagHeaderValue(FormattableString.Invariant($"\"{revision}\"")));
        }

        if (lastEvent is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEvent);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await WithinAsync(bound => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bound), cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.SecureConnectionError)
        {
            throw new AdminRefusedException(
                $"the admin API at {_root} is not trusted ({e.GetBaseException().Message}): its certificate must name the host of that address and come from a CA of the system, or from the one in the file of --ca or SLUICE_ADMIN_CA",
                inner: e);
        }
        catch (HttpRequestException e)
        {
            throw new AdminRefusedException(
                $"no admin API answers at {_root} ({e.Message}): is 'sluice up' or 'sluice silo' running? Another address goes with --admin-url or SLUICE_ADMIN_URL", inner: e);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await ReadProblemAsync(answer, cancellation);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        try
        {
            return await call(bound.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new AdminRefusedException($"the admin API at {_root} did not answer in {Bound.TotalSeconds:0} s; the outcome is not known", inner: e);
        }
    }

    private async Task<AdminRefusedException> ReadProblemAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            if (await WithinAsync(bound => answer.Content.ReadFromJsonAsync<Problem>(AdminJson.Options, bound), cancellation) is { Type: { } type } problem)
            {
                if (string.Equals(type, OfEdges, StringComparison.Ordinal))
                {
                    return new AdminRefusedException($"{_root} is an edge, which serves clients: give the admin API's address, by default at port 7070");
                }

                return new AdminRefusedException(problem.Errors is { Count: > 0 } ? problem.Title : problem.Detail ?? problem.Title, problem);
            }
        }
        catch (JsonException)
        {
            // Something else than Sluice answers there.
        }

        return new AdminRefusedException($"{_root} answered {(int)answer.StatusCode}, and not as a Sluice admin API does");
    }

    private AdminRefusedException NotUnderstood(JsonException? inner) => new($"{_root} answered what this version does not understand", inner: inner);
}
