using System.Globalization;
using System.Text;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>What the gateway must know of a request for content: its model and whether it is streamed stand in its path, its cap in <c>generationConfig</c>.</summary>
internal static class GenerateScan
{
    private const long MostTokens = 100_000_000;

    /// <summary>Reads a body; throws nothing.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="path">Where it came to, as <c>/v1beta/models/gemini-2.5-flash:generateContent</c>; null: it is not looked at.</param>
    /// <param name="fault">What is wrong.</param>
    public static RequestScan Read(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault)
    {
        var scan = new RequestScan { Answers = 1, CapName = "maxOutputTokens", CapHolderName = "generationConfig" };
        if (path is not null)
        {
            var model = GeminiPaths.ModelOf(path, out var action);
            scan.ModelOfPath = Json.Of(model).Raw;
            scan.Stream = action is "streamGenerateContent";
        }

        if (TryParse(body, out fault) is not { IsNothing: false } json)
        {
            return scan;
        }

        try
        {
            fault = ReadFields(json, ref scan) ?? (scan.HasInput ? null : new RequestFault("Missing required parameter: 'contents'.", "contents"));
        }
        catch (DialectFaultException e)
        {
            fault = Tell(e, json);
        }

        return scan;
    }

    /// <summary>The body as JSON; nothing where it is none, with the reason.</summary>
    public static Json TryParse(ReadOnlyMemory<byte> body, out RequestFault? fault)
    {
        var json = Json.TryRead(body, out var wrong);
        fault = json.IsNothing ? new RequestFault(wrong.Replace("It ", "The request body ", StringComparison.Ordinal), null) : null;
        return json;
    }

    /// <summary>What is wrong with a field.</summary>
    public static RequestFault Tell(DialectFaultException fault, Json body)
    {
        var field = fault.FieldIn(body);
        return new RequestFault(field is null ? fault.Message : $"'{field}': {fault.Message}", field);
    }

    /// <summary>Reads what bounds a content's tokens.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="content">What stands there.</param>
    /// <param name="scan">Takes it.</param>
    public static void ReadContent(string place, Json content, ref RequestScan scan)
    {
        var fields = content.IsObject ? content.Fields() : default;
        while (fields.Next())
        {
            var parts = fields.Is("parts"u8) && fields.Value.IsList ? fields.Value.Items() : default;
            for (var i = 0; parts.Next(); i++)
            {
                ReadPart(place, i, parts.Value, ref scan);
            }
        }
    }

    private static RequestFault? ReadFields(Json json, ref RequestScan scan)
    {
        var hasConfig = false;
        var fields = json.Fields();
        while (fields.Next())
        {
            var (name, value) = (CamelNames.Of(fields.NameText), fields.Value);
            if (name is "generationConfig")
            {
                if (hasConfig)
                {
                    return new RequestFault("'generationConfig' stands twice in the request.", "generationConfig");
                }

                hasConfig = true;
                scan.CapHolder = value.IsObject ? new Part(value.At, value.Raw.Length) : default;
                ReadConfig(value, ref scan);
            }
            else if (name is "contents" or "systemInstruction")
            {
                scan.HasInput |= name is "contents" && !value.IsNothing;
                ReadContents(name, value, ref scan);
            }
            else if (name is "generateContentRequest")
            {
                if (ReadFields(value.Object(), ref scan) is { } inner)
                {
                    return inner;
                }
            }
            else if (name is "tools" && !value.IsNothing)
            {
                ReadTools(value, ref scan);
            }
            else if (name is "cachedContent" && !value.IsNothing)
            {
                scan.Input.FindKept("cachedContent");
            }
        }

        return null;
    }

    private static void ReadConfig(Json config, ref RequestScan scan)
    {
        var fields = config.Fields();
        while (fields.Next())
        {
            var (name, value) = (CamelNames.Of(fields.NameText), fields.Value);
            if (name is "maxOutputTokens")
            {
                var place = new Part(value.At, value.Raw.Length);
                (scan.MaxTokensNull, scan.MaxTokensNumber) = value.IsNothing ? (place, default(Part)) : (default(Part), place);
                scan.MaxTokens = value.Whole() is { } cap ? (cap is >= 1 and <= MostTokens ? cap : throw value.Wrong("a whole number from 1 to 100000000")) : null;
            }
            else if (name is "candidateCount" && value.Whole() is { } count)
            {
                scan.Answers = count is >= 1 and <= MostTokens ? count : throw value.Wrong("a whole number from 1");
            }
            else if (name is "responseModalities" && value.IsList)
            {
                scan.IsSpoken |= value.Span.IndexOf("AUDIO"u8) >= 0 || value.Span.IndexOf("audio"u8) >= 0;
            }
        }
    }

    private static void ReadContents(string name, Json value, ref RequestScan scan)
    {
        if (value.IsObject)
        {
            ReadContent(name, value, ref scan);
            return;
        }

        var items = value.IsList ? value.Items() : default;
        for (var i = 0; items.Next(); i++)
        {
            ReadContent(string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"), items.Value, ref scan);
        }
    }

    private static void ReadPart(string place, int index, Json value, ref RequestScan scan)
    {
        var part = PartFields.Of(value);
        if (part.File.IsObject || part.Response.IsObject)
        {
            var type = part.File.IsObject ? "fileData" : null;
            var media = part.Response.IsObject ? CallFields.Of(part.Response).Parts : default;
            var given = media.IsList ? media.Items() : default;
            for (var i = 0; given.Next(); i++)
            {
                ReadPart(string.Create(CultureInfo.InvariantCulture, $"{place}.parts[{index}].functionResponse"), i, given.Value, ref scan);
            }

            Blame(type, place, index, ref scan);
        }
        else if (part.Data.IsObject)
        {
            ReadData(place, index, BlobFields.Of(part.Data).Type.Unescape().Span, ref scan);
        }
    }

    // A picture costs a fixed most, and a second of sound has more bytes than tokens; what a document or a film has is not known.
    private static void ReadData(string place, int index, ReadOnlySpan<byte> type, ref RequestScan scan)
    {
        if (type.StartsWith("image/"u8))
        {
            scan.Input.Images++;
        }
        else if (type.StartsWith("audio/"u8))
        {
            scan.Input.Sounds++;
        }
        else if (!type.StartsWith("text/"u8))
        {
            Blame(Encoding.UTF8.GetString(type[..Math.Min(type.Length, 40)]), place, index, ref scan);
        }
    }

    private static void Blame(string? type, string place, int index, ref RequestScan scan)
    {
        if (type is not null)
        {
            scan.Input.FindUnbound(string.Create(CultureInfo.InvariantCulture, $"{place}.parts[{index}]"), type);
        }
    }

    private static void ReadTools(Json tools, ref RequestScan scan)
    {
        var items = tools.IsList ? tools.Items() : default;
        for (var i = 0; items.Next(); i++)
        {
            var fields = items.Value.IsObject ? items.Value.Fields() : default;
            while (fields.Next())
            {
                if (CamelNames.Of(fields.NameText) is var name and not "functionDeclarations")
                {
                    scan.Input.FindUnbound(string.Create(CultureInfo.InvariantCulture, $"tools[{i}]"), name.Length <= 40 ? name : "unknown");
                }
            }
        }
    }
}
