using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Deferred;

/// <summary>Where in a line of a batch's file its request stands.</summary>
/// <param name="Url">The path that it is for; null: it says none.</param>
/// <param name="Body">The request's own body.</param>
/// <param name="CustomId">By which its answer is known; null: it says none.</param>
internal readonly record struct BatchLine(string? Url, Part Body, string? CustomId = null)
{
    /// <summary>Reads one; null: it is none.</summary>
    public static BatchLine? Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, RequestJson.Options);
        var read = default(BatchLine);
        var isBodyThere = false;
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var (isUrl, isBody, isId) = (reader.Is("url"u8), reader.Is("body"u8), reader.Is("custom_id"u8));
                reader.Read();
                if (isUrl && reader.TokenType is JsonTokenType.String)
                {
                    read = read with { Url = reader.GetString() };
                }
                else if (isId && reader.TokenType is JsonTokenType.String)
                {
                    read = read with { CustomId = reader.GetString() };
                }
                else if (isBody && reader.TokenType is JsonTokenType.StartObject)
                {
                    // Which of two a provider reads is not known.
                    if (isBodyThere)
                    {
                        return null;
                    }

                    isBodyThere = true;
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    read = read with { Body = new Part(start, (int)reader.BytesConsumed - start) };
                }
                else
                {
                    reader.Skip();
                }
            }

            return isBodyThere && !reader.Read() ? read : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
