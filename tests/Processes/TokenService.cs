using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Sluice.Tests.Processes;

/// <summary>A token service with one service account: it checks each assertion as Google does, and gives tokens <c>access-1</c>, <c>access-2</c> and so on.</summary>
public sealed class TokenService : IAsyncDisposable
{
    private const string Account = "gateway@project.iam.gserviceaccount.com";
    private readonly RSA _rsa = RSA.Create(2048);
    private Upstream? _upstream;
    private int _exchanges;

    private TokenService()
    {
    }

    /// <summary>How many assertions came.</summary>
    public int Exchanges => Volatile.Read(ref _exchanges);

    /// <summary>How long its tokens live, in seconds.</summary>
    public int Life { get; set; } = 3600;

    /// <summary>What it answers with status 400 in the place of a token; null: it gives one.</summary>
    public string? Refusal { get; set; }

    /// <summary>Ends before each answer; null: it answers at once.</summary>
    public Task? Hold { get; set; }

    /// <summary>What was wrong with an assertion; null: all were as they should be.</summary>
    public string? Wrong { get; private set; }

    /// <summary>The private key, as it stands in <see cref="Key"/>.</summary>
    public string PrivateKey => _rsa.ExportPkcs8PrivateKeyPem();

    /// <summary>The account's key as Google gives it.</summary>
    public string Key => JsonSerializer.Serialize(new { type = "service_account", project_id = "project", private_key_id = "kid-1", private_key = PrivateKey, client_email = Account, token_uri = $"{_upstream!.Address}/token" });

    /// <summary>Starts on a free port.</summary>
    public static async Task<TokenService> StartAsync()
    {
        var service = new TokenService();
        service._upstream = await Upstream.StartAsync(service.AnswerAsync);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream!.DisposeAsync();
        _rsa.Dispose();
    }

    private async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        var number = Interlocked.Increment(ref _exchanges);
        if (Hold is { } hold)
        {
            await hold.WaitAsync(http.RequestAborted);
        }

        Wrong ??= WrongWith(request);
        http.Response.ContentType = "application/json";
        http.Response.StatusCode = Wrong is null && Refusal is null ? 200 : 400;
        await http.Response.WriteAsync(Wrong ?? Refusal ?? $$"""{"access_token":"access-{{number}}","expires_in":{{Life}},"token_type":"Bearer"}""", http.RequestAborted);
    }

    private string? WrongWith(ReceivedRequest request)
    {
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(request.Body));
        var parts = form["assertion"].ToString().Split('.');
        if (request.Target is not "/token" || form["grant_type"].ToString() is not "urn:ietf:params:oauth:grant-type:jwt-bearer" || parts.Length != 3)
        {
            return "no request for a token";
        }

        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        string Claim(string name) => claims.RootElement.GetProperty(name).GetString()!;
        return (header.RootElement.GetProperty("alg").GetString(), header.RootElement.GetProperty("kid").GetString()) is not ("RS256", "kid-1") ? "header"
            : !_rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ? "signature"
            : Claim("iss") is not Account || Claim("scope") is not "https://www.googleapis.com/auth/cloud-platform" || !string.Equals(Claim("aud"), $"{_upstream!.Address}/token", StringComparison.Ordinal) ? "claims"
            : claims.RootElement.GetProperty("exp").GetInt64() - claims.RootElement.GetProperty("iat").GetInt64() != 3600 ? "times"
            : null;
    }
}
