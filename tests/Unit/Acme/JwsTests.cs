using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Grains.Acme;

namespace Sluice.Tests.Unit.Acme;

public sealed class JwsTests : IDisposable
{
    // The key of RFC 7515, appendix A.3.
    private readonly ECDsa _key = ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64Url.DecodeFromChars("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), Y = Base64Url.DecodeFromChars("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0") },
        D = Base64Url.DecodeFromChars("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
    });

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_body_says_who_sends_it_where_and_is_signed_over_what_it_says()
    {
        var url = new Uri("https://ca.test/order");
        var body = JsonDocument.Parse(Jws.Sign(_key, new Uri("https://ca.test/account/1"), "nonce", url, """{"a":1}""")).RootElement;
        var (header, payload, signature) = (Text(body, "protected"), Text(body, "payload"), Text(body, "signature"));

        Assert.Equal("""{"alg":"ES256","nonce":"nonce","url":"https://ca.test/order","kid":"https://ca.test/account/1"}""", Clear(header));
        Assert.Equal("""{"a":1}""", Clear(payload));
        Assert.True(_key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256));
        Assert.Equal("", Text(JsonDocument.Parse(Jws.Sign(_key, url, "n", url, "")).RootElement, "payload"));
    }

    [Fact]
    public void An_account_that_is_to_be_made_shows_its_key_and_not_the_private_part()
    {
        var header = Clear(Text(JsonDocument.Parse(Jws.Sign(_key, null, "nonce", new Uri("https://ca.test/new"), "{}")).RootElement, "protected"));

        Assert.Equal("""{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""", JsonDocument.Parse(header).RootElement.GetProperty("jwk").GetRawText());
        Assert.DoesNotContain("jpsQ", header, StringComparison.Ordinal);
        Assert.Equal("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", Jws.ThumbprintOf(_key));
    }

    [Fact]
    public void A_key_is_bound_to_an_account_that_exists_by_the_secret_that_both_know()
    {
        byte[] mac = [1, 2, 3];
        var bound = JsonDocument.Parse(Jws.Bind(_key, "kid-1", mac, new Uri("https://ca.test/new")).ToJsonString()).RootElement;

        Assert.Equal("""{"alg":"HS256","kid":"kid-1","url":"https://ca.test/new"}""", Clear(Text(bound, "protected")));
        Assert.Equal(Jws.KeyOf(_key), Clear(Text(bound, "payload")));
        Assert.Equal(HMACSHA256.HashData(mac, Encoding.ASCII.GetBytes($"{Text(bound, "protected")}.{Text(bound, "payload")}")), Base64Url.DecodeFromChars(Text(bound, "signature")));
    }

    private static string Text(JsonElement body, string field) => body.GetProperty(field).GetString()!;

    private static string Clear(string text) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
}
