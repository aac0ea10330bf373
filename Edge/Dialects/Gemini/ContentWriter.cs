using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>
/// Writes <c>contents</c>: all of one role that follows each other at once, what functions gave before what else a user says. What proves reasoning goes with the first call of a function
/// behind it, or with the text where there is none.
/// </summary>
internal static class ContentWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        var isStrict = conversation.Model.Span.IndexOf("gemini-3"u8) >= 0;
        var names = new Dictionary<string, Json>(StringComparer.Ordinal);
        writer.WriteStartArray("contents"u8);
        foreach (var (role, parts) in SaidTurns.Merged(conversation.Turns, "Gemini's dialect", losses))
        {
            if (parts.Count == 0)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("role"u8, role is Role.User ? "user"u8 : "model"u8);
            writer.WriteStartArray("parts"u8);
            if (role is Role.User)
            {
                WriteUser(parts, names, writer, losses);
            }
            else
            {
                WriteModel(parts, names, isStrict, writer, losses);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteUser(List<ContentPart> parts, Dictionary<string, Json> names, Utf8JsonWriter writer, Losses losses)
    {
        foreach (var part in parts)
        {
            if (part is ToolResultPart result)
            {
                var name = names.TryGetValue(result.CallId.ForPerson(), out var known) ? known
                    : throw new DialectFaultException("What a function gave must follow its call, whose name Gemini's dialect asks for.", result.Origin);
                PartWriter.WriteResult(result, name, writer);
            }
        }

        foreach (var part in parts)
        {
            if (part is ToolResultPart result)
            {
                foreach (var media in result.Parts.Where(static p => p is not TextPart))
                {
                    losses.Add(media.Origin, "what is not text in a function's result is sent as the user's");
                    PartWriter.Write(media, writer, losses);
                }
            }
            else
            {
                PartWriter.Write(part, writer, losses);
            }
        }
    }

    private static void WriteModel(List<ContentPart> parts, Dictionary<string, Json> names, bool isStrict, Utf8JsonWriter writer, Losses losses)
    {
        var proof = default(Json);
        var (hasProof, calls) = (false, parts.Count(static p => p is ToolCallPart));
        foreach (var part in parts)
        {
            switch (part)
            {
                case ReasoningPart thought:
                    proof = WriteThought(thought, writer, losses) is { HasText: true } signature ? signature : proof;
                    break;
                case ToolCallPart call:
                    // Only the first of several at once is proven.
                    names[call.Id.ForPerson()] = call.Name;
                    PartWriter.WriteCall(call, call.Id, proof.HasText ? proof : isStrict && !hasProof ? ThoughtSignature.None : default, writer);
                    (proof, hasProof) = (default, true);
                    break;
                case TextPart text when proof.HasText && calls == 0:
                    PartWriter.WriteText(text, writer, losses, proof);
                    proof = default;
                    break;
                default:
                    PartWriter.Write(part, writer, losses);
                    break;
            }
        }
    }

    private static Json WriteThought(ReasoningPart thought, Utf8JsonWriter writer, Losses losses)
    {
        if (!thought.Signature.HasText)
        {
            losses.Add(thought.Origin, "Gemini's dialect takes earlier reasoning only with its signature");
            return default;
        }

        if (thought.Text.HasText)
        {
            writer.WriteStartObject();
            thought.Text.WriteTo(writer, "text"u8);
            writer.WriteBoolean("thought"u8, true);
            writer.WriteEndObject();
        }

        return thought.Signature;
    }
}
