using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Targets;

/// <summary>What a request asks of a model besides text, and how long it is: read only for models whose targets say what they can do. The body was proven to be JSON.</summary>
/// <param name="Features">What it asks for.</param>
/// <param name="Tokens">Of its texts, by a token for three bytes: an estimate, for a choice and never for an account.</param>
internal readonly record struct AskedFeatures(ModelFeatures Features, long Tokens)
{
    private const int BytesPerToken = 3;

    /// <summary>Reads a body of any dialect.</summary>
    /// <param name="body">The body.</param>
    /// <param name="images">Images in it, and parts that may be some.</param>
    public static AskedFeatures Read(ReadOnlySpan<byte> body, int images)
    {
        var features = images > 0 ? ModelFeatures.Vision : ModelFeatures.None;
        var bytes = 0L;
        var reader = new Utf8JsonReader(body, Json.Options);
        var (isConversation, isName) = (false, false);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName)
            {
                if (reader.CurrentDepth == 1)
                {
                    isConversation = reader.Is("messages"u8) || reader.Is("input"u8) || reader.Is("contents"u8) || reader.Is("system"u8) || reader.Is("content"u8) || reader.Is("requests"u8) || reader.Is("instances"u8);
                    features |= (reader.Is("tools"u8) || reader.Is("functions"u8)) && HasItems(reader) ? ModelFeatures.Tools : ModelFeatures.None;
                }

                isName = reader.Is("type"u8);
                features |= !isConversation && (reader.Is("responseSchema"u8) || reader.Is("responseJsonSchema"u8)) ? ModelFeatures.JsonSchema : ModelFeatures.None;
            }
            else if (reader.TokenType is JsonTokenType.String)
            {
                // What is no text, an image's data say, is no longer than its own count.
                bytes += reader.ValueSpan.StartsWith("data:"u8) ? 0 : reader.ValueSpan.Length;
                features |= isName && !isConversation && reader.ValueTextEquals("json_schema"u8) ? ModelFeatures.JsonSchema : ModelFeatures.None;
            }
        }

        return new AskedFeatures(features, bytes / BytesPerToken);
    }

    private static bool HasItems(Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.StartArray && reader.Read() && reader.TokenType is not JsonTokenType.EndArray;
}
