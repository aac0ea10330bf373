using System.Text.Json;
using System.Text.Unicode;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// What the gateway must know of a request for completions, as they were before there was chat: each of its prompts is answered, and <c>best_of</c> answers are made where one is told.
/// Fields: https://platform.openai.com/docs/api-reference/completions/create.
/// </summary>
internal static class CompletionScan
{
    private const long MostTokens = 100_000_000;

    // What the API takes where nothing is said.
    private const long DefaultTokens = 16;

    /// <summary>Reads a body to its end. Throws nothing: what is wrong is told, with its place.</summary>
    public static RequestScan Read(ReadOnlySpan<byte> body, out RequestFault? fault)
    {
        var scan = new RequestScan { Answers = 1, CapName = "max_tokens" };
        if (!Utf8.IsValid(body))
        {
            fault = RequestJson.NotUtf8;
            return scan;
        }

        var reader = new Utf8JsonReader(body, RequestJson.Options);
        try
        {
            fault = reader.Read() && reader.TokenType == JsonTokenType.StartObject ? ReadFields(ref reader, ref scan) : RequestJson.NoObject;
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

    private static RequestFault? ReadFields(ref Utf8JsonReader reader, ref RequestScan scan)
    {
        long prompts = 0, answers = 1, made = 1, cap = DefaultTokens;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueIsEscaped ? "" : reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "model" when reader.TokenType != JsonTokenType.String || scan.Model.Length > 0:
                    return new RequestFault(scan.Model.Length > 0 ? "'model' stands twice in the request." : "'model' must be a string.", "model");
                case "model":
                    scan.Model = Part.Of(reader);
                    break;
                case "stream":
                    scan.Stream |= reader.TokenType == JsonTokenType.True;
                    break;
                case "prompt":
                    prompts = Math.Max(prompts, CountPrompts(ref reader));
                    break;
                case "n" or "best_of" or "max_tokens" when reader.TokenType != JsonTokenType.Null:
                    if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number is < 0 or > MostTokens)
                    {
                        return new RequestFault($"'{name}' must be a whole number from 0 to {MostTokens}.", name);
                    }

                    (answers, made, cap) = name switch { "n" => (number, made, cap), "best_of" => (answers, number, cap), _ => (answers, made, number) };
                    break;
                default:
                    break;
            }

            reader.Skip();
        }

        scan.HasInput = prompts > 0;
        scan.MaxTokens = cap;
        scan.Answers = Math.Max(1, Math.Min(MostTokens, prompts * Math.Max(answers, made)));
        return scan.Model.Length == 0 ? new RequestFault("You must provide a model parameter.", "model")
            : prompts == 0 ? new RequestFault("Missing required parameter: 'prompt'.", "prompt")
            : null;
    }

    // A text, texts, tokens, or lists of tokens. The reader ends at the value's end.
    private static long CountPrompts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return reader.TokenType == JsonTokenType.String ? 1 : 0;
        }

        var (count, hasTokens, depth) = (0L, false, reader.CurrentDepth);
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            hasTokens |= reader.TokenType == JsonTokenType.Number;
            count += reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray ? 1 : 0;
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                reader.Skip();
            }
        }

        return count + (hasTokens ? 1 : 0);
    }
}
