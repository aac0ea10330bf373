using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Revisions;

namespace Sluice.Edge.Identity.Tokens;

/// <summary>Users and keys of tokens in the form that subjects have.</summary>
internal static class TokenNames
{
    // ~ is left out: it begins what stands for another character.
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+=:-");

    /// <summary>A user as a token names him, in the form of user names: other characters are written as <c>~</c> and two hex digits for each byte of their UTF-8, so that no two users become one. Null: too long.</summary>
    public static string? User(string claim)
    {
        if (Names.IsUser(claim) && !claim.Contains('~', StringComparison.Ordinal))
        {
            return claim;
        }

        var name = new StringBuilder(claim.Length + 8);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in claim.EnumerateRunes())
        {
            if (rune.IsAscii && Plain.Contains((char)rune.Value))
            {
                name.Append((char)rune.Value);
                continue;
            }

            foreach (var each in utf8[..rune.EncodeToUtf8(utf8)])
            {
                name.Append(CultureInfo.InvariantCulture, $"~{each:X2}");
            }
        }

        // A name begins with a letter or digit; ~~ is never the begin of what stands for a character.
        var text = name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) ? name.ToString() : $"u~~{name}";
        return Names.IsUser(text) ? text : null;
    }

    /// <summary>What stands in a key's place in usage, limits by key and idempotency: one for each issuer and user.</summary>
    public static string Key(string issuer, string user)
    {
        var text = $"{issuer}:{user}";
        return Names.IsUser(text) ? text : $"{issuer}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)))[..32]}";
    }
}
