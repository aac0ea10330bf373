using System.Globalization;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>What the gateway must know of a client's request for embeddings: its model stands in its path, and in the body once more.</summary>
internal static class EmbedScan
{
    /// <summary>Reads a body; throws nothing.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="path">Where it came to, as <c>/v1beta/models/gemini-embedding-001:embedContent</c>.</param>
    /// <param name="fault">What is wrong.</param>
    public static RequestScan Read(ReadOnlyMemory<byte> body, string path, out RequestFault? fault)
    {
        var model = GeminiPaths.ModelOf(path, out var action);
        var scan = new RequestScan { Answers = 1, CapName = "maxOutputTokens", ModelOfPath = Json.Of(model).Raw };
        if (GenerateScan.TryParse(body, out fault) is not { IsNothing: false } json)
        {
            return scan;
        }

        var (isOne, list) = (action is "embedContent", action is "predict" ? "instances" : "requests");
        try
        {
            if (isOne)
            {
                ReadOne("", json, model, ref scan);
            }
            else
            {
                ReadSeveral(json, list, model, ref scan);
            }

            fault = scan.HasInput ? null : new RequestFault($"Missing required parameter: '{(isOne ? "content" : list)}'.", isOne ? "content" : list);
        }
        catch (DialectFaultException e)
        {
            fault = GenerateScan.Tell(e, json);
        }

        return scan;
    }

    /// <summary>A model's name as bodies have it.</summary>
    public static string NameOf(string model) => model.Contains('/', StringComparison.Ordinal) ? model : $"models/{model}";

    /// <summary>Puts the provider's name for each that the body has, in a rented buffer; null: it has none.</summary>
    public static byte[]? NameModel(ReadOnlyMemory<byte> body, string model, out int length)
    {
        var names = new List<Json>();
        Collect(Json.OfBody(body), names);
        length = body.Length;
        if (names.Count == 0)
        {
            return null;
        }

        var name = Json.Of(NameOf(model)).Raw;
        using var named = new PooledBytes(body.Length + (names.Count * name.Length));
        var from = 0;
        foreach (var old in names)
        {
            named.Add(body.Span[from..old.At]);
            named.Add(name.Span);
            from = old.At + old.Raw.Length;
        }

        named.Add(body.Span[from..]);
        return named.Detach(out length);
    }

    private static void Collect(Json request, List<Json> names)
    {
        var fields = request.IsObject ? request.Fields() : default;
        while (fields.Next())
        {
            if (fields.Is("model"u8))
            {
                names.Add(fields.Value);
            }
            else if (fields.Is("requests"u8) && fields.Value.IsList)
            {
                for (var items = fields.Value.Items(); items.Next();)
                {
                    Collect(items.Value, names);
                }
            }
        }
    }

    private static void ReadSeveral(Json body, string list, string model, ref RequestScan scan)
    {
        var fields = body.Fields();
        while (fields.Next())
        {
            if (!fields.Value.IsNothing && string.Equals(fields.NameText, list, StringComparison.Ordinal))
            {
                var items = fields.Value.Items();
                for (var i = 0; items.Next(); i++)
                {
                    ReadOne(string.Create(CultureInfo.InvariantCulture, $"{list}[{i}]."), items.Value.IsObject ? items.Value : throw items.Value.Wrong("an object"), model, ref scan);
                }
            }
        }
    }

    private static void ReadOne(string place, Json request, string model, ref RequestScan scan)
    {
        var hasContent = false;
        var fields = request.Fields();
        while (fields.Next())
        {
            var value = fields.Value;
            if (fields.Is("model"u8))
            {
                CheckModel(value, model);
            }
            else if (fields.Is("content"u8) && !value.IsNothing)
            {
                // A text is bounded by its bytes.
                hasContent = true;
                GenerateScan.ReadContent($"{place}content", value, ref scan);
            }
            else if (value.IsObject && !hasContent && fields.NameText is "image" or "video" or "audio")
            {
                scan.Input.FindUnbound($"{place}{fields.NameText}", fields.NameText);
            }
        }

        scan.HasInput |= hasContent;
    }

    private static void CheckModel(Json value, string model)
    {
        var name = value.Text().ForPerson();
        if (!value.IsNothing && !string.Equals(name, model, StringComparison.Ordinal) && !string.Equals(name, NameOf(model), StringComparison.Ordinal))
        {
            throw new DialectFaultException($"It must be the model that the path names, '{NameOf(model)}'.", value);
        }
    }
}
