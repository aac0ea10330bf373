using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// What the gateway must know of a JSON request that passes through: its model, whether a stream is asked for, and what bounds the answer; all else is the provider's to judge.
/// Fields: https://platform.openai.com/docs/api-reference.
/// </summary>
internal static class PassedScan
{
    private const int MostPictures = 100;
    private static readonly byte[] DefaultModel = [.. "\""u8, .. Encoding.UTF8.GetBytes(Surfaces.ModerationsModel), .. "\""u8];

    /// <summary>Reads a body to its end. Throws nothing: what is wrong is told, with its place.</summary>
    public static RequestScan Read(ModelOperation operation, ReadOnlySpan<byte> body, out RequestFault? fault)
    {
        var scan = new RequestScan { Answers = 1, CapName = "" };
        if (!Utf8.IsValid(body))
        {
            fault = RequestJson.NotUtf8;
            return scan;
        }

        var reader = new Utf8JsonReader(body, RequestJson.Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                fault = RequestJson.NoObject;
                return scan;
            }

            fault = ReadFields(operation, ref reader, ref scan);
            while (fault is null && reader.Read())
            {
                // The reader throws for anything after the object.
            }
        }
        catch (JsonException e)
        {
            fault = RequestJson.Judge(e, reader, body);
        }

        return scan;
    }

    /// <summary>The bound of an answer with pictures, which is asked for <paramref name="pictures"/> of them.</summary>
    /// <param name="pictures">Null: no number was given that is one.</param>
    /// <param name="size">As asked for; null: not at all.</param>
    /// <param name="quality">As asked for; null: not at all.</param>
    /// <param name="scan">Takes the bound.</param>
    public static RequestFault? BoundPictures(long? pictures, string? size, string? quality, ref RequestScan scan)
    {
        if (pictures is not (>= 1 and <= MostPictures))
        {
            return new RequestFault($"'n' must be a whole number from 1 to {MostPictures}.", "n");
        }

        (scan.Answers, scan.MaxTokens, scan.Units) = (pictures.Value, TokenBounds.DearestPicture, UnitBounds.Pictures(pictures.Value, size, quality));
        return null;
    }

    private static RequestFault? ReadFields(ModelOperation operation, ref Utf8JsonReader reader, ref RequestScan scan)
    {
        var isImage = operation is ModelOperation.ImageGenerations;
        var inputName = isImage ? "prompt" : "input";
        var (spoken, speed, pictures) = (0L, 1m, (long?)1);
        var (size, quality, isCounted) = ((string?)null, (string?)null, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isModel, isInput, isStream, isCount) = (reader.Is("model"u8), reader.Is(isImage ? "prompt"u8 : "input"u8), isImage && reader.Is("stream"u8), isImage && reader.Is("n"u8));
            var (isSize, isQuality) = (isImage && reader.Is("size"u8), isImage && reader.Is("quality"u8));
            var (isSpeed, isFormat) = (reader.Is("speed"u8), operation is ModelOperation.Speech && reader.Is("stream_format"u8));
            reader.Read();
            if (isModel)
            {
                if (scan.Model.Length > 0 || reader.TokenType != JsonTokenType.String)
                {
                    return new RequestFault(scan.Model.Length > 0 ? "'model' stands twice in the request." : "'model' must be a string.", "model");
                }

                scan.Model = Part.Of(reader);
            }
            else if (isInput)
            {
                if (scan.HasInput)
                {
                    return new RequestFault($"'{inputName}' stands twice in the request.", inputName);
                }

                scan.HasInput = reader.TokenType != JsonTokenType.Null;
                spoken = reader.TokenType == JsonTokenType.String ? reader.ValueSpan.Length : 0;
                scan.Units = operation is ModelOperation.Speech && reader.TokenType == JsonTokenType.String ? PassedUnits.Speech(reader) : null;
                ReadInput(ref reader, ref scan);
            }
            else if (isStream || isFormat)
            {
                scan.Stream = reader.TokenType == JsonTokenType.True || (isFormat && reader.TokenType == JsonTokenType.String && reader.Is("sse"u8));
            }
            else if (isCount)
            {
                if (isCounted)
                {
                    return new RequestFault("'n' stands twice in the request.", "n");
                }

                isCounted = true;
                pictures = reader.TokenType == JsonTokenType.Null ? 1 : reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var n) ? n : null;
            }
            else if ((isSize || isQuality) && reader.TokenType == JsonTokenType.String)
            {
                if ((isSize ? size : quality) is not null)
                {
                    return new RequestFault($"'{(isSize ? "size" : "quality")}' stands twice in the request.", isSize ? "size" : "quality");
                }

                (size, quality) = isSize ? (PassedUnits.Word(reader) ?? "", quality) : (size, PassedUnits.Word(reader) ?? "");
            }
            else if (isSpeed && reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out var factor))
            {
                speed = Math.Clamp(factor, TokenBounds.SlowestSpeech, 1m);
            }

            reader.Skip();
        }

        if (scan.Model.Length == 0 && operation is not ModelOperation.Moderations)
        {
            return new RequestFault("You must provide a model parameter.", "model");
        }

        if (scan.Model.Length == 0)
        {
            (scan.LacksModel, scan.ModelOfPath) = (true, DefaultModel);
        }

        scan.IsSpoken = operation is ModelOperation.Speech;
        scan.MaxTokens = operation is ModelOperation.Speech ? TokenBounds.OfSpeech(spoken, speed) : 0;
        return !scan.HasInput ? new RequestFault($"Missing required parameter: '{inputName}'.", inputName)
            : isImage ? BoundPictures(pictures, size, quality, ref scan)
            : null;
    }

    // Moderations take parts, among them images.
    private static void ReadInput(ref Utf8JsonReader reader, ref RequestScan scan)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            scan.Input.Images += reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 2 && reader.Is("image_url"u8) ? 1 : 0;
        }
    }
}
