using System.Text;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Reads the parts of a content, of requests and of answers.</summary>
internal static class PartReader
{
    /// <summary>Reads a list of parts.</summary>
    /// <param name="parts">The list.</param>
    /// <param name="into">Takes them; what proves reasoning stands before what it belongs to.</param>
    /// <param name="ids">Gives calls of functions their ids; null: they keep what they have.</param>
    /// <param name="losses">Takes what is left out.</param>
    public static void ReadAll(Json parts, List<ContentPart> into, CallIds? ids, Losses losses)
    {
        var items = parts.Items();
        while (items.Next())
        {
            Read(PartFields.Of(items.Value), items.Value, into, ids, losses);
        }
    }

    private static void Read(in PartFields part, Json origin, List<ContentPart> into, CallIds? ids, Losses losses)
    {
        var (signature, redacted) = ThoughtSignature.Read(part.Signature);
        if (redacted.HasText)
        {
            into.Add(new ReasoningPart { Redacted = redacted, Origin = origin });
            return;
        }

        if (part.IsThought)
        {
            into.Add(new ReasoningPart { Text = part.Text, Signature = signature, Origin = origin });
            return;
        }

        if (signature.HasText)
        {
            Prove(signature, part, origin, into, losses);
        }

        if (ReadSaid(part, origin, ids) is { } said)
        {
            said.Others = part.Others;
            into.Add(said);
        }
    }

    // A signature of words may be left out, one of a call may not.
    private static void Prove(Json signature, in PartFields part, Json origin, List<ContentPart> into, Losses losses)
    {
        if (into is [.., ReasoningPart { Signature.IsNothing: true, Redacted.IsNothing: true } thought])
        {
            into[^1] = new ReasoningPart { Text = thought.Text, Signature = signature, Origin = thought.Origin };
        }
        else if (part.Call.IsObject)
        {
            into.Add(new ReasoningPart { Signature = signature, Origin = origin });
        }
        else
        {
            losses.Add(part.Signature, "what proves reasoning goes with the call of a function, or with the reasoning itself");
        }
    }

    private static ContentPart? ReadSaid(in PartFields part, Json origin, CallIds? ids)
    {
        if (part.Call.IsObject)
        {
            var call = CallFields.Of(part.Call);
            return new ToolCallPart
            {
                Name = call.Name.HasText ? call.Name : throw new DialectFaultException("A functionCall must have a name.", origin),
                Id = ids is null ? call.Id : ids.OfCall(call.Id, call.Name),
                Input = call.Arguments.IsNothing ? JsonText.EmptyObject : call.Arguments,
                Origin = origin,
            };
        }

        return part.Response.IsObject ? ReadResponse(part, origin, ids)
            : part.Data.IsObject ? ReadData(part.Data, origin)
            : part.File.IsObject ? ReadFile(part.File, origin)
            : part.Text.IsString ? (part.Text.HasText ? new TextPart { Text = part.Text, Origin = origin } : null)
            : part.IsEmpty ? null
            : new ForeignPart { Origin = origin };
    }

    private static ToolResultPart ReadResponse(in PartFields part, Json origin, CallIds? ids)
    {
        var response = CallFields.Of(part.Response);
        var (text, isError) = ReadOutcome(response.Response);
        var result = new ToolResultPart { CallId = ids?.OfResponse(response.Id, response.Name, origin) ?? response.Id, IsError = isError, Origin = origin };
        if (!text.IsNothing)
        {
            result.Parts.Add(new TextPart { Text = text, Origin = origin });
        }

        var media = response.Parts.Items();
        while (media.Next())
        {
            if (ReadSaid(PartFields.Of(media.Value), media.Value, null) is { } given)
            {
                result.Parts.Add(given);
            }
        }

        return result;
    }

    // A function gives an object: of one that wraps a text, the text; else its JSON.
    private static (Json Text, Json IsError) ReadOutcome(Json response)
    {
        var (count, name, value) = (0, "", default(Json));
        var fields = response.Fields();
        while (fields.Next())
        {
            (count, name, value) = (count + 1, fields.NameText, fields.Value);
        }

        var isError = count == 1 && name is "error" ? new Json("true"u8.ToArray(), response.At) : default;
        return count == 0 ? (default, default)
            : count == 1 && value.IsString && name is "output" or "result" or "error" ? (value, isError)
            : (JsonText.Quote(response), isError);
    }

    private static ContentPart ReadData(Json data, Json origin)
    {
        var blob = BlobFields.Of(data);
        var type = blob.Type.Unescape();
        var kind = type.Span;
        if (!blob.Data.HasText || kind.IsEmpty)
        {
            throw new DialectFaultException("inlineData must have 'mimeType' and 'data'.", origin);
        }

        return kind.StartsWith("image/"u8) ? new MediaPart { Medium = Medium.Image, Type = type, Data = blob.Data.Unescape(), Origin = origin }
            : kind.StartsWith("audio/"u8) ? new MediaPart { Medium = Medium.Audio, Type = MediaTypes.FormatOf(type), Data = blob.Data.Unescape(), Origin = origin }
            : kind.StartsWith("text/"u8) ? new MediaPart { Medium = Medium.Document, Text = Decode(blob.Data, origin), Name = blob.Name, Origin = origin }
            : kind.StartsWith("video/"u8) ? new ForeignPart { Origin = origin }
            : new MediaPart { Medium = Medium.Document, Type = type, Data = blob.Data.Unescape(), Name = blob.Name, Origin = origin };
    }

    private static ContentPart ReadFile(Json file, Json origin)
    {
        var blob = BlobFields.Of(file);
        var uri = blob.Uri.Unescape();
        var kind = blob.Type.Unescape().Span;
        if (uri.IsEmpty)
        {
            throw new DialectFaultException("fileData must have 'fileUri'.", origin);
        }

        var isWeb = uri.Span.StartsWith("http"u8) && uri.Span.IndexOf("generativelanguage.googleapis.com"u8) < 0;
        return !isWeb ? new MediaPart { Medium = Medium.Document, File = blob.Uri, Origin = origin }
            : kind.StartsWith("audio/"u8) || kind.StartsWith("video/"u8) || kind.IsEmpty ? new ForeignPart { Origin = origin }
            : new MediaPart { Medium = kind.StartsWith("image/"u8) ? Medium.Image : Medium.Document, Url = blob.Uri, Name = blob.Name, Origin = origin };
    }

    private static Json Decode(Json data, Json origin)
    {
        var bytes = new byte[data.Raw.Length];
        try
        {
            return System.Buffers.Text.Base64.DecodeFromUtf8(data.Unescape().Span, bytes, out _, out var length) is System.Buffers.OperationStatus.Done
                ? Json.Of(new UTF8Encoding(false, true).GetString(bytes, 0, length))
                : throw new DialectFaultException("Its data must be in base64.", origin);
        }
        catch (DecoderFallbackException)
        {
            throw new DialectFaultException("Its text must be in UTF-8.", origin);
        }
    }
}
