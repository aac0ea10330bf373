using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Access;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Outbound;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Access;

/// <summary>Access tokens of service accounts, from a token service over HTTP.</summary>
public sealed class AccessTokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly KeptLog<AccessTokens> _log = new();
    private TokenService _service = null!;
    private Connections _connections = null!;
    private AccessTokens _tokens = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await TokenService.StartAsync();
        (_connections, _tokens) = Create(new EdgeOptions());
    }

    public async ValueTask DisposeAsync()
    {
        _tokens.Dispose();
        _connections.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Several_who_ask_at_once_make_one_exchange_and_later_ones_none()
    {
        var held = new TaskCompletionSource();
        _service.Hold = held.Task;
        var asking = Enumerable.Range(0, 20).Select(_ => _tokens.OfAsync(_service.Key, Cancellation).AsTask()).ToArray();
        await Eventually.HoldsAsync(() => _service.Exchanges > 0);
        held.SetResult();

        Assert.All(await Task.WhenAll(asking), token => Assert.Equal("access-1", token));
        Assert.Equal("access-1", await _tokens.OfAsync(_service.Key, Cancellation));
        Assert.Equal((1, null), (_service.Exchanges, _service.Wrong));
    }

    [Fact]
    public async Task A_token_in_use_is_renewed_before_its_end_and_nobody_waits_for_it()
    {
        await _tokens.OfAsync(_service.Key, Cancellation);
        var held = new TaskCompletionSource();
        _service.Hold = held.Task;
        _time.Advance(TimeSpan.FromSeconds(3600 * 0.8));
        await Eventually.HoldsAsync(() => _service.Exchanges == 2);
        var meanwhile = _tokens.OfAsync(_service.Key, Cancellation);

        Assert.True(meanwhile.IsCompletedSuccessfully);
        Assert.Equal("access-1", await meanwhile);
        held.SetResult();
        await Eventually.HoldsAsync(async () => await _tokens.OfAsync(_service.Key, Cancellation) is "access-2");
    }

    [Fact]
    public async Task One_that_nobody_used_for_its_life_is_not_renewed()
    {
        await _tokens.OfAsync(_service.Key, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(3600 * 0.8));
        await Eventually.HoldsAsync(() => _service.Exchanges == 2);
        await Eventually.HoldsAsync(async () => await _tokens.OfAsync(_service.Key, Cancellation) is "access-2");
        _time.Advance(TimeSpan.FromSeconds(3600 * 0.8));
        await Eventually.HoldsAsync(() => _service.Exchanges == 3);
        _time.Advance(TimeSpan.FromHours(10));

        // The third may still be on its way: whoever asks then is given it, though it is of no use any more, or told that it took too long.
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                return await _tokens.OfAsync(_service.Key, Cancellation) is "access-4";
            }
            catch (AccessRefusedException)
            {
                _time.Advance(TimeSpan.FromMinutes(1));
                return false;
            }
        });
        Assert.Equal(4, _service.Exchanges);
    }

    [Fact]
    public async Task A_renewal_that_fails_leaves_what_holds_and_is_tried_again()
    {
        await _tokens.OfAsync(_service.Key, Cancellation);
        _service.Refusal = """{"error":"temporarily_unavailable"}""";
        _time.Advance(TimeSpan.FromSeconds(3600 * 0.8));
        await Eventually.HoldsAsync(() => _log.Lines.Count == 1);
        Assert.Equal("access-1", await _tokens.OfAsync(_service.Key, Cancellation));

        _service.Refusal = null;
        await Eventually.HoldsAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return await _tokens.OfAsync(_service.Key, Cancellation) is "access-3";
        });
    }

    [Fact]
    public async Task A_failure_is_told_precisely_without_the_key_to_all_who_ask_in_the_next_second()
    {
        _service.Refusal = """{"error":"invalid_grant","error_description":"Invalid JWT Signature.","assertion":"eyJ"}""";
        for (var i = 0; i < 3; i++)
        {
            var refused = await Assert.ThrowsAsync<AccessRefusedException>(async () => await _tokens.OfAsync(_service.Key, Cancellation));
            Assert.EndsWith("answered 400, invalid_grant: Invalid JWT Signature.", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, _service.Exchanges);
        Assert.Contains("gateway@project.iam.gserviceaccount.com", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("eyJ", StringComparison.Ordinal) || line.Contains("PRIVATE", StringComparison.Ordinal));
        _service.Refusal = null;
        await Eventually.HoldsAsync(async () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            try
            {
                return await _tokens.OfAsync(_service.Key, Cancellation) is { Length: > 0 };
            }
            catch (AccessRefusedException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task A_token_that_the_provider_refuses_is_exchanged_anew_once_a_minute_at_most()
    {
        var token = await _tokens.OfAsync(_service.Key, Cancellation);
        _tokens.Refuse(_service.Key, token);
        Assert.Equal("access-1", await _tokens.OfAsync(_service.Key, Cancellation));
        _time.Advance(TimeSpan.FromMinutes(1));
        _tokens.Refuse(_service.Key, token);

        Assert.Equal("access-2", await _tokens.OfAsync(_service.Key, Cancellation));
    }

    [Theory]
    [InlineData("{}", "'type'")]
    [InlineData("{", "not the JSON")]
    [InlineData("""{"type":"authorized_user"}""", "'service_account'")]
    [InlineData("""{"type":"service_account"}""", "'token_uri' is missing")]
    [InlineData("""{"type":"service_account","token_uri":"http://example.com/token","client_email":"a"}""", "https://")]
    [InlineData("""{"type":"service_account","token_uri":"https://example.com/token","client_email":"a","private_key":"hidden"}""", "no RSA key")]
    public async Task A_key_that_is_none_is_told_by_what_is_wrong_with_it(string key, string why)
    {
        var refused = await Assert.ThrowsAsync<AccessRefusedException>(async () => await _tokens.OfAsync(key, Cancellation));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_service_is_behind_the_same_guard_as_providers()
    {
        var (connections, tokens) = Create(new EdgeOptions { PrivateUpstreams = false });
        using (connections)
        using (tokens)
        {
            var refused = await Assert.ThrowsAsync<AccessRefusedException>(async () => await tokens.OfAsync(_service.Key, Cancellation));
            Assert.Contains("could not be reached", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, _service.Exchanges);
    }

    private (Connections Connections, AccessTokens Tokens) Create(EdgeOptions options)
    {
        var connections = new Connections(options, new OwnPorts(), _time, NullLogger<Connections>.Instance);
        return (connections, new AccessTokens(new TokenExchange(connections, _time), _time, _log));
    }
}
