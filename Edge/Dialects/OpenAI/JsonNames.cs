using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Compares the names and values of JSON that strangers wrote.</summary>
internal static class JsonNames
{
    /// <summary>Whether the reader's string or property name is this ASCII text, however it is escaped.</summary>
    public static bool Is(this in Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.SequenceEqual(text);
        }

        try
        {
            return reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: valid JSON, no text, and no name that we look for.
            return false;
        }
    }
}
