using System.Text.Json;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Prompts;

/// <summary>What a client says of an answer: <c>{ "request_id", "score", "name", "comment" }</c>.</summary>
/// <param name="Request">The id of the request that was answered.</param>
/// <param name="Name">What is scored.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Comment">Empty: none.</param>
internal sealed record FeedbackBody(string Request, string Name, double Score, string Comment)
{
    /// <summary>The name of a score that has none of its own.</summary>
    public const string DefaultName = "score";

    private const int LongestId = 128;
    private const int LongestName = 64;
    private const int LongestComment = 1_000;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads it; null where something is wrong.</summary>
    public static FeedbackBody? Read(ReadOnlyMemory<byte> body, out ClientError? error)
    {
        try
        {
            using var json = JsonDocument.Parse(body, Strict);
            if (json.RootElement is { ValueKind: JsonValueKind.Object } root)
            {
                return Read(root, out error);
            }
        }
        catch (JsonException)
        {
            // Told as what is no object.
        }

        error = new ClientError(400, "The request must be a JSON object with request_id and score.", "invalid_request");
        return null;
    }

    private static FeedbackBody? Read(JsonElement root, out ClientError? error)
    {
        var read = new FeedbackBody("", DefaultName, double.NaN, "");
        foreach (var field in root.EnumerateObject())
        {
            switch (field.Name)
            {
                case "request_id":
                    read = read with { Request = Text(field.Value) };
                    break;
                case "score" when field.Value.ValueKind is JsonValueKind.Number && field.Value.TryGetDouble(out var score):
                    read = read with { Score = score };
                    break;
                case "score":
                    break;
                case "name":
                    read = read with { Name = Text(field.Value) };
                    break;
                case "comment" when field.Value.ValueKind is JsonValueKind.Null:
                    break;
                case "comment" when field.Value.ValueKind is JsonValueKind.String:
                    read = read with { Comment = Text(field.Value) };
                    break;
                case "comment":
                    error = Wrong("comment", "must be a text");
                    return null;
                default:
                    error = Wrong(field.Name.Length <= LongestName ? field.Name : $"{field.Name[..LongestName]}…", "is no field; request_id, score, name and comment are");
                    return null;
            }
        }

        error = read.Request.Length is 0 or > LongestId ? Wrong("request_id", "must be the sluice-request-id of an answer")
            : read.Score is not (>= 0 and <= 1) ? Wrong("score", "must be a number from 0 to 1")
            : !IsName(read.Name) ? Wrong("name", $"must be 1 to {LongestName} letters, digits, '.', '_' or '-'")
            : read.Comment.Length > LongestComment ? Wrong("comment", $"must have at most {LongestComment} characters")
            : null;
        return error is null ? read : null;
    }

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : "";

    private static bool IsName(string name) => name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static ClientError Wrong(string field, string why) => new(400, $"'{field}': {why}.", "invalid_request", field);
}
