using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>Where the cap stands in what was written for a provider.</summary>
internal static class ConverseScan
{
    /// <summary>Reads it.</summary>
    public static RequestScan Read(ReadOnlyMemory<byte> body, out RequestFault? fault)
    {
        var scan = new RequestScan { Answers = 1, CapName = "maxTokens", CapHolderName = "inferenceConfig" };
        fault = null;
        var fields = Json.TryRead(body, out _).Fields();
        while (fields.Next())
        {
            var config = fields.Is("inferenceConfig"u8) && fields.Value.IsObject ? fields.Value.Fields() : default;
            while (config.Next())
            {
                if (config.Is("maxTokens"u8) && config.Value.Value() is { } cap)
                {
                    scan.MaxTokens = (long)cap;
                    scan.MaxTokensNumber = new Part(config.Value.At, config.Value.Raw.Length);
                }
            }
        }

        return scan;
    }
}
