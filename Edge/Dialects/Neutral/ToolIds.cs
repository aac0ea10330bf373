using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Names for calls of tools to which their provider gave none.</summary>
internal static class ToolIds
{
    private const int Longest = 30;

    /// <summary>The name of one, as a JSON string.</summary>
    public static Json Of(long candidate, int tool) => Json.OfPlain(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"call_{candidate}_{tool}")));

    /// <summary>One that no other answer has.</summary>
    /// <param name="response">The answer's own id, or nothing.</param>
    /// <param name="number">Which call of it, over all candidates.</param>
    public static Json OfAnswer(Json response, int number)
    {
        var id = response.IsString ? response.Span[1..^1] : default;
        if (id.IsEmpty || id.Length > Longest || id.ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8))
        {
            id = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(15)));
        }

        return Json.OfPlain([.. "call_"u8, .. id, .. "_"u8, .. Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture))]);
    }
}
