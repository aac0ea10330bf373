using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>The fields of a part (https://ai.google.dev/api/caching#Part).</summary>
internal struct PartFields
{
    public Json Text;
    public bool IsThought;
    public Json Signature;
    public Json Data;
    public Json File;
    public Json Call;
    public Json Response;

    /// <summary>Those that go with a part and have no counterpart; null where there are none.</summary>
    public List<Json>? Others;

    /// <summary>Whether there is nothing but what proves reasoning.</summary>
    public bool IsEmpty;

    public static PartFields Of(Json part)
    {
        var read = new PartFields { IsEmpty = true };
        var fields = part.Fields();
        while (fields.Next())
        {
            if (!fields.Value.IsNothing)
            {
                read.Take(fields.Name, fields.Value);
            }
        }

        return read;
    }

    private void Take(ReadOnlySpan<byte> name, Json value)
    {
        IsEmpty &= name.StartsWith("thought"u8);
        if (name.SequenceEqual("text"u8))
        {
            Text = value.Text();
        }
        else if (name.SequenceEqual("thought"u8))
        {
            IsThought = value.IsTrue;
        }
        else if (name.SequenceEqual("thoughtSignature"u8) || name.SequenceEqual("thought_signature"u8))
        {
            Signature = value.Text();
        }
        else if (name.SequenceEqual("functionCall"u8) || name.SequenceEqual("function_call"u8))
        {
            Call = value.Object();
        }
        else if (name.SequenceEqual("functionResponse"u8) || name.SequenceEqual("function_response"u8))
        {
            Response = value.Object();
        }
        else if (name.SequenceEqual("inlineData"u8) || name.SequenceEqual("inline_data"u8))
        {
            Data = value.Object();
        }
        else if (name.SequenceEqual("fileData"u8) || name.SequenceEqual("file_data"u8))
        {
            File = value.Object();
        }
        else if (name.SequenceEqual("videoMetadata"u8) || name.SequenceEqual("video_metadata"u8) || name.SequenceEqual("mediaResolution"u8) || name.SequenceEqual("media_resolution"u8))
        {
            (Others ??= []).Add(value);
        }
    }
}

/// <summary>The fields of <c>functionCall</c> and <c>functionResponse</c>.</summary>
internal struct CallFields
{
    public Json Id;
    public Json Name;
    public Json Arguments;
    public Json Response;
    public Json Parts;
    public Json Pieces;
    public bool WillContinue;

    public static CallFields Of(Json call)
    {
        var read = default(CallFields);
        var fields = call.Fields();
        while (fields.Next())
        {
            if (fields.Is("id"u8))
            {
                read.Id = fields.Value.Text();
            }
            else if (fields.Is("name"u8))
            {
                read.Name = fields.Value.Text();
            }
            else if (fields.Is("args"u8))
            {
                read.Arguments = fields.Value.Object();
            }
            else if (fields.Is("response"u8))
            {
                read.Response = fields.Value.Object();
            }
            else if (fields.Is("parts"u8))
            {
                read.Parts = fields.Value;
            }
            else if (fields.Is("partialArgs"u8))
            {
                read.Pieces = fields.Value;
            }
            else if (fields.Is("willContinue"u8))
            {
                read.WillContinue = fields.Value.IsTrue;
            }
        }

        return read;
    }
}

/// <summary>The fields of <c>inlineData</c> and <c>fileData</c>.</summary>
internal struct BlobFields
{
    public Json Type;
    public Json Data;
    public Json Uri;
    public Json Name;

    public static BlobFields Of(Json blob)
    {
        var read = default(BlobFields);
        var fields = blob.Fields();
        while (fields.Next())
        {
            if (fields.Is("mimeType"u8) || fields.Is("mime_type"u8))
            {
                read.Type = fields.Value.Text();
            }
            else if (fields.Is("data"u8))
            {
                read.Data = fields.Value.Text();
            }
            else if (fields.Is("fileUri"u8) || fields.Is("file_uri"u8))
            {
                read.Uri = fields.Value.Text();
            }
            else if (fields.Is("displayName"u8) || fields.Is("display_name"u8))
            {
                read.Name = fields.Value.Text();
            }
        }

        return read;
    }
}
