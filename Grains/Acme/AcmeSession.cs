using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Sluice.Revisions.Outbound;

namespace Sluice.Grains.Acme;

/// <summary>What a server answered.</summary>
/// <param name="Location">The URL of what was made.</param>
/// <param name="Body">At most <see cref="AcmeSession.MostBytes"/>.</param>
/// <param name="RetryAfter">When it is worth asking again.</param>
internal sealed record AcmeAnswer(Uri? Location, byte[] Body, TimeSpan? RetryAfter)
{
    /// <summary>Reads it as JSON.</summary>
    public T Read<T>() => AcmeSession.Read<T>(Body);
}

/// <summary>
/// Speaks with one server: nonces, signatures, and a badNonce asked again (RFC 8555, section 6). Whatever addresses the server names are guarded as those are that somebody typed; no redirect is
/// followed, no proxy of the environment used. For a few calls, then let go of.
/// </summary>
internal sealed class AcmeSession : IDisposable
{
    /// <summary>The longest answer that is read.</summary>
    public const int MostBytes = 128 * 1024;

    private const int MostNonces = 10;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { MaxDepth = 16 };
    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _time;
    private string? _nonce;

    private AcmeSession(HttpMessageInvoker client, TimeProvider time) => (_client, _time) = (client, time);

    /// <summary>What it offers.</summary>
    public AcmeDirectory Directory { get; private set; } = null!;

    /// <summary>Begins with the directory.</summary>
    /// <exception cref="AcmeException">It could not be had.</exception>
    public static async Task<AcmeSession> OpenAsync(HttpMessageInvoker client, TimeProvider time, Uri directory, CancellationToken cancellation)
    {
        var session = new AcmeSession(client, time);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, directory);
            session.Directory = (await session.SendAsync(request, "its directory could not be read", cancellation)).Read<AcmeDirectory>();
            return session.Directory is { NewNonce: not null, NewAccount: not null, NewOrder: not null }
                ? session
                : throw new AcmeException($"what '{directory.IdnHost}' answers is no directory of ACME: it lacks newNonce, newAccount or newOrder", isPassing: true);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Sends what an account's key signs.</summary>
    /// <param name="url">Where.</param>
    /// <param name="payload">JSON; empty: to read what is there.</param>
    /// <param name="key">The account's.</param>
    /// <param name="account">Its URL; null: it is to be made.</param>
    /// <param name="doing">What fails where it fails, for people.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="AcmeException">It refused, or could not be asked.</exception>
    public async Task<AcmeAnswer> PostAsync(Uri url, string payload, ECDsa key, Uri? account, string doing, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var nonce = _nonce ?? await NewNonceAsync(cancellation);
            _nonce = null;
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Jws.Sign(key, account, nonce, url, payload)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/jose+json");
            try
            {
                return await SendAsync(request, doing, cancellation);
            }
            catch (AcmeException refused) when (refused.Problem is { Name: "badNonce" } && tries < MostNonces)
            {
                // The answer brought another one.
            }
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Reads JSON of a server.</summary>
    public static T Read<T>(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, Json) ?? throw new JsonException();
        }
        catch (JsonException failure)
        {
            throw new AcmeException("the authority's answer cannot be understood: it is not the JSON that RFC 8555 says", isPassing: true, failure);
        }
    }

    private async Task<string> NewNonceAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, Directory.NewNonce);
        await SendAsync(request, "it gave no nonce", cancellation);
        return _nonce ?? throw new AcmeException("the authority's newNonce answers without a Replay-Nonce", isPassing: true);
    }

    private async Task<AcmeAnswer> SendAsync(HttpRequestMessage request, string doing, CancellationToken cancellation)
    {
        var url = request.RequestUri!;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("sluice-acme", "1"));
        using var bound = new CancellationTokenSource(Bound, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            using var answer = await _client.SendAsync(request, both.Token);
            _nonce = answer.Headers.TryGetValues("Replay-Nonce", out var nonces) ? nonces.First() : _nonce;
            var body = await ReadAsync(answer, both.Token);
            return answer.IsSuccessStatusCode
                ? new AcmeAnswer(answer.Headers.Location is { } location ? new Uri(url, location) : null, body, RetryAfter(answer))
                : throw new AcmeException(ProblemOf(answer, body), (int)answer.StatusCode, RetryAfter(answer), doing);
        }
        catch (HttpRequestException failure)
        {
            throw new AcmeException(Unreached(url, failure), isPassing: true, failure);
        }
        catch (Exception failure) when (failure is IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new AcmeException(failure is IOException ? $"'{url.IdnHost}' broke off" : $"'{url.IdnHost}' did not answer within {Bound.TotalSeconds:0} seconds", isPassing: true, failure);
        }
    }

    private static string Unreached(Uri url, HttpRequestException failure) =>
        failure.InnerException is AddressRefusedException refused ? refused.Message
        : failure.HttpRequestError is HttpRequestError.SecureConnectionError ? $"the TLS certificate of '{url.IdnHost}' is not trusted; where the authority is a private one, name its root in ca"
        : $"'{url.IdnHost}' could not be reached: {failure.HttpRequestError}";

    private static async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MostBytes + 1];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return read <= MostBytes ? buffer[..read] : throw new AcmeException($"the authority's answer is longer than {MostBytes / 1024} KiB", isPassing: true);
    }

    // What is no problem document is told by its status alone: it may be a page of somebody between.
    private static AcmeProblem ProblemOf(HttpResponseMessage answer, byte[] body) =>
        answer.Content.Headers.ContentType?.MediaType is "application/problem+json" ? Read<AcmeProblem>(body)
        : new AcmeProblem(FormattableString.Invariant($"status {(int)answer.StatusCode}"), (int)answer.StatusCode is >= 300 and < 400 ? "redirects are not followed" : null, [], null);

    private TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };
}
