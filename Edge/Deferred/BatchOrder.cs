using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Pipeline;

namespace Sluice.Edge.Deferred;

/// <summary>The request for a batch.</summary>
/// <param name="File">The client's id of its file.</param>
/// <param name="FileToken">Where that stands, with its quotes.</param>
/// <param name="Endpoint">The path that its requests are for.</param>
internal sealed record BatchOrder(string File, Part FileToken, string Endpoint)
{
    /// <summary>For embeddings.</summary>
    public const string Embeddings = "/v1/embeddings";

    /// <summary>For responses.</summary>
    public const string Responses = "/v1/responses";

    /// <summary>For chat completions.</summary>
    public const string Chat = "/v1/chat/completions";

    /// <summary>For moderations.</summary>
    public const string Moderations = "/v1/moderations";

    /// <summary>For completions of before there was chat.</summary>
    public const string Completions = "/v1/completions";

    /// <summary>Reads one. Exactly one of the two is set.</summary>
    public static (BatchOrder? Order, ClientError? Error) Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, RequestJson.Options);
        string? file = null, endpoint = null;
        var token = default(Part);
        try
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return (null, Wrong(RequestJson.NoObject.Message, null));
            }

            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var (isFile, isEndpoint) = (reader.Is("input_file_id"u8), reader.Is("endpoint"u8));
                reader.Read();
                if (isFile && file is not null)
                {
                    return (null, Wrong("'input_file_id' stands twice in the request.", "input_file_id"));
                }

                if (isFile && reader.TokenType is JsonTokenType.String)
                {
                    (file, token) = (reader.GetString(), Part.Of(reader));
                }
                else if (isEndpoint && reader.TokenType is JsonTokenType.String)
                {
                    endpoint = reader.GetString();
                }
                else
                {
                    reader.Skip();
                }
            }

            while (reader.Read())
            {
                // Utf8JsonReader throws for anything after the object.
            }
        }
        catch (JsonException e)
        {
            return (null, Wrong(RequestJson.Judge(e, reader, body).Message, null));
        }
        catch (InvalidOperationException)
        {
            return (null, Wrong("A text of the request has half of a surrogate pair.", null));
        }

        return file is null ? (null, Wrong("'input_file_id' is missing: the id of a file that was uploaded with the purpose 'batch'.", "input_file_id"))
            : endpoint is not (Chat or Responses or Embeddings or Moderations or Completions) ? (null, Wrong($"'endpoint' must be {Chat}, {Responses}, {Embeddings}, {Moderations} or {Completions}.", "endpoint"))
            : (new BatchOrder(file, token, endpoint), null);
    }

    /// <summary>The request with another file in its place.</summary>
    public byte[] With(ReadOnlySpan<byte> body, string file)
    {
        var written = new ArrayBufferWriter<byte>(body.Length + file.Length);
        written.Write(body[..FileToken.Start]);
        written.Write(JsonSerializer.SerializeToUtf8Bytes(file));
        written.Write(body[(FileToken.Start + FileToken.Length)..]);
        return written.WrittenSpan.ToArray();
    }

    private static ClientError Wrong(string message, string? field) => new(400, message, "invalid_request", field);
}
