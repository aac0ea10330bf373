using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sluice.Revisions.Tokens;

/// <summary>
/// How tokens (JWT) of an issuer are checked, of clients and of operators alike, by what RFC 8725 asks for: one issuer, an audience, algorithms from a list, a signature,
/// an end. Clocks may differ by a minute.
/// </summary>
public static class TokenCheck
{
    /// <summary>By how much clocks may differ.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>Signatures by keys that only the issuer has. With a shared secret (HS256) whoever checks a token could make one.</summary>
    public static IReadOnlyList<string> KnownAlgorithms { get; } = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary>What is taken where nothing else is said.</summary>
    public static IReadOnlyList<string> UsualAlgorithms { get; } = ["RS256", "PS256", "ES256"];

    /// <summary>Whether a credential may be a token: three parts, the first of which begins an object of JSON.</summary>
    public static bool MayBe(ReadOnlySpan<char> credential) => credential.StartsWith("eyJ", StringComparison.Ordinal) && credential.Count('.') == 2;

    /// <summary>Reads a token, and checks nothing of it.</summary>
    public static bool TryRead(string text, out JsonWebToken token)
    {
        try
        {
            token = new JsonWebToken(text);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenMalformedException or FormatException)
        {
            token = null!;
            return false;
        }
    }

    /// <summary>By what tokens are checked.</summary>
    /// <param name="issuer">What they say in <c>iss</c>, exactly.</param>
    /// <param name="audiences">One of which they name in <c>aud</c>.</param>
    /// <param name="algorithms">Of <see cref="KnownAlgorithms"/>.</param>
    /// <param name="time">The clock.</param>
    public static TokenValidationParameters Parameters(string issuer, IReadOnlyCollection<string> audiences, IReadOnlyCollection<string> algorithms, TimeProvider time) => new()
    {
        ValidIssuer = issuer,
        ValidAudiences = audiences,
        ValidAlgorithms = algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = (from, until, _, _) => (from is null || from <= time.GetUtcNow().UtcDateTime + ClockSkew) && until > time.GetUtcNow().UtcDateTime - ClockSkew
            ? true
            : throw (until <= time.GetUtcNow().UtcDateTime ? new SecurityTokenExpiredException() : new SecurityTokenNotYetValidException()),
    };

    /// <summary>Why a token was not taken, for whoever sent it.</summary>
    public static string ReasonOf(Exception? failure) => failure switch
    {
        SecurityTokenExpiredException => "it has expired",
        SecurityTokenNotYetValidException => "it is not valid yet",
        SecurityTokenInvalidAudienceException => "it is for another audience",
        SecurityTokenInvalidAlgorithmException => "it is signed with an algorithm that is not taken",
        SecurityTokenNoExpirationException => "it has no end (exp)",
        _ => "its signature is not its issuer's",
    };
}
