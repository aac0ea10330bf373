using System.Collections.Immutable;
using System.IO.Compression;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Idempotency;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Idempotency;

/// <summary>
/// Keeps an answer while it goes out, compressed as it comes. The client may leave: then the rest is kept all the same, for the client that comes back. Beyond its bound nothing is
/// kept and the answer goes on.
/// </summary>
internal sealed class AnswerCapture : WrittenBody
{
    /// <summary>The most compressed bytes that are kept.</summary>
    public const int Most = 1024 * 1024;

    /// <summary>The most bytes that are kept, before they are compressed.</summary>
    public const int MostPlain = 16 * 1024 * 1024;

    private const int MostHeaderText = 16 * 1024;

    private readonly HttpContext _http;
    private readonly IHttpResponseBodyFeature _before;
    private readonly CancellationToken _aborted;
    private readonly Stream _client;
    private readonly MemoryStream _kept = new();
    private readonly BrotliStream _compressed;
    private long _plain;
    private bool _isTooLarge;
    private bool _hasLeft;

    /// <summary>Begins; until <see cref="EndAsync"/> the request is not aborted by its client's leaving.</summary>
    public AnswerCapture(HttpContext http)
    {
        (_http, _before, _aborted) = (http, http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), http.RequestAborted);
        _client = _before.Stream;
        _compressed = new BrotliStream(_kept, CompressionLevel.Fastest, leaveOpen: true);
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(this, _before));
        http.RequestAborted = CancellationToken.None;
    }

    /// <summary>Gives the context back as it was. Returns what is to be kept: without a body where it was too large, or ended before its end.</summary>
    public async Task<KeptAnswer> EndAsync()
    {
        await _http.Features.GetRequiredFeature<IHttpResponseBodyFeature>().CompleteAsync();
        Restore();
        await _compressed.DisposeAsync();
        var isWhole = !_isTooLarge && _kept.Length <= Most && _http.Features.Get<BrokenAnswer>() is null;
        return new KeptAnswer(_http.Response.StatusCode, KeptHeaders(), isWhole ? _kept.ToArray() : null);
    }

    /// <summary>Gives the context back as it was; nothing is kept.</summary>
    public void Restore()
    {
        _http.Features.Set(_before);
        _http.RequestAborted = _aborted;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Keep(buffer.Span);
        await TryAsync(buffer, static (client, bytes, cancellation) => client.WriteAsync(bytes, cancellation), cancellationToken);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken) =>
        await TryAsync(default, static (client, _, cancellation) => new ValueTask(client.FlushAsync(cancellation)), cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _compressed.Dispose();
            _kept.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _plain += bytes.Length;
        _isTooLarge |= _plain > MostPlain || _kept.Length > Most;
        if (_isTooLarge)
        {
            _kept.SetLength(0);
        }
        else
        {
            _compressed.Write(bytes);
        }
    }

    private async ValueTask TryAsync(ReadOnlyMemory<byte> bytes, Func<Stream, ReadOnlyMemory<byte>, CancellationToken, ValueTask> send, CancellationToken cancellation)
    {
        if (_hasLeft)
        {
            return;
        }

        try
        {
            await send(_client, bytes, cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or ConnectionAbortedException)
        {
            _hasLeft = true;
        }
    }

    // What tells of this moment, of this request or of its connection is not a repeat's.
    private ImmutableArray<KeptHeader> KeptHeaders()
    {
        var kept = ImmutableArray.CreateBuilder<KeptHeader>();
        var length = 0;
        foreach (var (name, values) in _http.Response.Headers)
        {
            var isOurs = HeaderRules.IsOurs(name) && name is not ("sluice-cost" or "sluice-price" or "sluice-provider" or "sluice-model");
            if (isOurs || HeaderRules.IsOfRates(name) || !(HeaderRules.IsOurs(name) || HeaderRules.PassesFromProvider(name)))
            {
                continue;
            }

            foreach (var value in values)
            {
                length += name.Length + (value?.Length ?? 0);
                if (value is not null && length <= MostHeaderText)
                {
                    kept.Add(new KeptHeader(name, value));
                }
            }
        }

        return kept.ToImmutable();
    }
}
