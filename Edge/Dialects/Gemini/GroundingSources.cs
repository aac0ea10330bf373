using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Sources on the web, in <c>groundingMetadata.groundingChunks[].web</c>.</summary>
internal static class GroundingSources
{
    /// <summary>Reads them; null where there are none.</summary>
    public static List<Citation>? Read(Json grounding)
    {
        List<Citation>? sources = null;
        var fields = grounding.IsObject ? grounding.Fields() : default;
        while (fields.Next())
        {
            if (fields.Is("groundingChunks"u8) && fields.Value.IsList)
            {
                var chunks = fields.Value.Items();
                while (chunks.Next())
                {
                    if (ReadChunk(chunks.Value) is { Url.IsString: true } source)
                    {
                        (sources ??= []).Add(source);
                    }
                }
            }
        }

        return sources;
    }

    /// <summary>Writes those that have an address; nothing where none has.</summary>
    public static void Write(IReadOnlyCollection<(Json Url, Json Title)> sources, Utf8JsonWriter writer)
    {
        if (sources.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("groundingMetadata"u8);
        writer.WriteStartArray("groundingChunks"u8);
        foreach (var (url, title) in sources)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("web"u8);
            url.WriteTo(writer, "uri"u8);
            title.WriteTo(writer, "title"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static Citation ReadChunk(Json chunk)
    {
        var source = new Citation(default, default, default, chunk);
        var fields = chunk.IsObject ? chunk.Fields() : default;
        while (fields.Next())
        {
            var web = (fields.Is("web"u8) || fields.Is("maps"u8)) && fields.Value.IsObject ? fields.Value.Fields() : default;
            while (web.Next())
            {
                source = web.Is("uri"u8) && web.Value.HasText ? source with { Url = web.Value } : web.Is("title"u8) && web.Value.IsString ? source with { Title = web.Value } : source;
            }
        }

        return source;
    }
}
