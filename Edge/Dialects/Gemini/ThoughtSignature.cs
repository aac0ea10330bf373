using System.Buffers.Text;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>
/// <c>thoughtSignature</c>, which the dialect's clients take for bytes in base64. What proves the reasoning of another dialect stands in it behind a mark of ours, so that it comes back as it was.
/// </summary>
internal static class ThoughtSignature
{
    private const byte Mark = (byte)'~';

    /// <summary>Stands for one that is not there, which newer models ask for where a function was called (https://ai.google.dev/gemini-api/docs/thought-signatures).</summary>
    public static Json None { get; } = Json.OfPlain("c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="u8);

    /// <summary>What is written for a client.</summary>
    /// <param name="text">The signature, or the data that nobody else may read: a JSON string.</param>
    /// <param name="isRedacted">Which of the two.</param>
    public static Json Wrap(Json text, bool isRedacted)
    {
        byte[] plain = [Mark, isRedacted ? (byte)'r' : (byte)'s', .. text.Unescape().Span];
        var written = new byte[Base64.GetMaxEncodedToUtf8Length(plain.Length)];
        Base64.EncodeToUtf8(plain, written, out _, out var length);
        return Json.OfPlain(written.AsSpan(0, length));
    }

    /// <summary>Reads what a client sends: what was written by <see cref="Wrap"/>, or the provider's own.</summary>
    public static (Json Signature, Json Redacted) Read(Json signature)
    {
        if (signature.HasText)
        {
            var text = signature.Span[1..^1];
            var plain = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
            if (Base64.DecodeFromUtf8(text, plain, out _, out var length) is System.Buffers.OperationStatus.Done && plain.AsSpan(0, length) is [Mark, (byte)'r' or (byte)'s', ..] own && IsString(own[2..]))
            {
                var inner = Json.OfPlain(own[2..]) with { At = signature.At };
                return own[1] == 's' ? (inner, default) : (default, inner);
            }
        }

        return (signature, default);
    }

    // Whoever can write it may write anything.
    private static bool IsString(ReadOnlySpan<byte> inner) => !inner.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !inner.ContainsAny((byte)'"', (byte)'\\');
}
