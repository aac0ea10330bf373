using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sluice.Revisions.Tokens;
using Sluice.Silo.Admin;

namespace Sluice.Silo.Oidc;

/// <summary>Who of the operators a token of the identity provider stands for, at the admin API, where a key would stand.</summary>
internal sealed class OperatorTokens(OidcOptions options, OidcProvider provider)
{
    private const int LongestToken = 16 * 1024;
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = LongestToken };

    /// <summary>Whether a credential is to be looked at here.</summary>
    public bool MayBe(string credential) => options.TakesTokens && TokenCheck.MayBe(credential);

    /// <summary>Who it is, or why nobody is.</summary>
    public async Task<(Operator? Who, Problem? Refusal)> IdentifyAsync(string text, CancellationToken cancellation)
    {
        if (text.Length > LongestToken || !TokenCheck.TryRead(text, out var token))
        {
            return Refuse("it cannot be read, or is too long");
        }

        // Before anything is asked of anybody.
        if (!string.Equals(token.Issuer, options.Issuer, StringComparison.Ordinal) || !options.TakenAlgorithms.Contains(token.Alg, StringComparer.Ordinal))
        {
            return Refuse("it is of another issuer, or signed with an algorithm that is not taken");
        }

        try
        {
            await provider.ForAsync(token, cancellation);
        }
        catch (OidcUnreachableException)
        {
            return (null, Problem.ProviderUnreached);
        }

        var result = await _handler.ValidateTokenAsync(token, provider.ChecksFor(options.Audiences));
        if (!result.IsValid)
        {
            return Refuse(TokenCheck.ReasonOf(result.Exception));
        }

        var (who, wrong) = Vouched.Read(options, ClaimsOf(token));
        return who?.As(options) is { } caller ? (caller, null) : (null, Problem.Forbidden($"The token was read: {wrong}."));
    }

    /// <summary>All claims of a token, as it holds them.</summary>
    public static JsonElement ClaimsOf(JsonWebToken token)
    {
        using var claims = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        return claims.RootElement.Clone();
    }

    private static (Operator?, Problem?) Refuse(string why) => (null, Problem.InvalidToken(why));
}
