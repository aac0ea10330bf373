using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>A part of a body.</summary>
internal readonly record struct Part(int Start, int Length)
{
    /// <summary>The reader's current token, strings with their quotes.</summary>
    public static Part Of(in Utf8JsonReader reader) => new((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> body) => body.Slice(Start, Length);
}
