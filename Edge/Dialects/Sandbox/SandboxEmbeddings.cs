using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Edge.Dialects.Sandbox;

/// <summary>Embeddings that are the same for the same text, of length 1, and mean nothing.</summary>
internal static class SandboxEmbeddings
{
    private const int DefaultDimensions = 256;
    private const int MostDimensions = 4096;

    /// <summary>The whole answer.</summary>
    public static JsonObject Answer(JsonElement request, string model)
    {
        var dimensions = request.TryGetProperty("dimensions", out var asked) && asked.TryGetInt32(out var number) ? Math.Clamp(number, 1, MostDimensions) : DefaultDimensions;
        var base64 = request.TryGetProperty("encoding_format", out var format) && format.ValueEquals("base64");
        var input = request.GetProperty("input");
        var texts = input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind != JsonValueKind.Number ? [.. input.EnumerateArray()] : new[] { input };
        var data = new JsonArray();
        var tokens = 0;
        foreach (var text in texts.Select(t => t.ToString()))
        {
            tokens += SandboxReply.CountTokens(text);
            var vector = Vector(text, dimensions);
            data.Add(new JsonObject
            {
                ["object"] = "embedding",
                ["index"] = data.Count,
                ["embedding"] = base64 ? JsonValue.Create(Convert.ToBase64String(Bytes(vector))) : new JsonArray([.. vector.Select(v => JsonValue.Create(v))]),
            });
        }

        return new JsonObject
        {
            ["object"] = "list",
            ["data"] = data,
            ["model"] = model,
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
        };
    }

    private static float[] Vector(string text, int dimensions)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] = (XxHash3.HashToUInt64(bytes, i) / (float)ulong.MaxValue) - 0.5f;
        }

        var length = MathF.Sqrt(vector.Sum(v => v * v));
        return [.. vector.Select(v => v / length)];
    }

    private static byte[] Bytes(float[] vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        return bytes;
    }
}
