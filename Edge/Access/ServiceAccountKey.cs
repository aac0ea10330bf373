using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sluice.Edge.Access;

/// <summary>
/// The JSON key of a Google service account, and the assertion that is signed with it (RFC 7523, RS256; https://developers.google.com/identity/protocols/oauth2/service-account#httprest).
/// For memory only: its text form is masked.
/// </summary>
internal sealed class ServiceAccountKey
{
    private const string Kind = "service_account";
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly string _pem;
    private readonly string? _id;

    private ServiceAccountKey(string account, Uri tokenAddress, string pem, string? id) => (Account, TokenAddress, _pem, _id) = (account, tokenAddress, pem, id);

    /// <summary>The account's address of mail: no secret.</summary>
    public string Account { get; }

    /// <summary>Where an assertion is exchanged.</summary>
    public Uri TokenAddress { get; }

    /// <summary>Whether a credential is meant to be such a key: an object of JSON, which nothing else that Google gives is.</summary>
    public static bool IsMeant(string credential) => credential.AsSpan().TrimStart() is ['{', ..];

    /// <summary>Reads a key.</summary>
    /// <exception cref="AccessRefusedException">It is none that can be used.</exception>
    public static ServiceAccountKey Read(string credential)
    {
        try
        {
            using var document = JsonDocument.Parse(credential);
            var key = document.RootElement;
            if (!string.Equals(Text(key, "type"), Kind, StringComparison.Ordinal))
            {
                throw new AccessRefusedException($"the credential is no key of a service account: its 'type' must be '{Kind}'");
            }

            var address = new Uri(Text(key, "token_uri"), UriKind.Absolute);
            if (!string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal) && !(address.IsLoopback && string.Equals(address.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal)))
            {
                throw new AccessRefusedException("the 'token_uri' of the service account's key must begin with https://");
            }

            var read = new ServiceAccountKey(
                Text(key, "client_email"), address, Text(key, "private_key"), key.TryGetProperty("private_key_id", out var id) && id.ValueKind is JsonValueKind.String ? id.GetString() : null);
            _ = read.Sign([]);
            return read;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new AccessRefusedException("the credential is no key of a service account: it is not the JSON that Google gave");
        }
        catch (UriFormatException)
        {
            throw new AccessRefusedException("the 'token_uri' of the service account's key is no address");
        }
    }

    /// <summary>The assertion: a JSON web token by which the account asks for access, good for an hour.</summary>
    /// <param name="now">When.</param>
    public string Assert(DateTimeOffset now)
    {
        var issued = now.ToUnixTimeSeconds();
        var header = Encode(JsonSerializer.SerializeToUtf8Bytes(_id is null
            ? new Dictionary<string, string>(StringComparer.Ordinal) { ["alg"] = "RS256", ["typ"] = "JWT" }
            : new Dictionary<string, string>(StringComparer.Ordinal) { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = _id }));
        var claims = Encode(JsonSerializer.SerializeToUtf8Bytes(
            new { iss = Account, scope = Scope, aud = TokenAddress.OriginalString, iat = issued, exp = issued + (long)Life.TotalSeconds }));
        var text = $"{header}.{claims}";
        return $"{text}.{Encode(Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public override string ToString() => "***";

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static string Text(JsonElement key, string name) => key.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text
        ? text
        : throw new AccessRefusedException($"'{name}' is missing in the service account's key");

    // The key is used once an hour: it is not kept open.
    private byte[] Sign(byte[] text)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(_pem);
            return rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new AccessRefusedException("the 'private_key' of the service account's key is no RSA key in PEM");
        }
    }
}
