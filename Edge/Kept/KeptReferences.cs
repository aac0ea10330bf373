using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Kept;

/// <summary>
/// Where the body of a request for a model names what a provider keeps for the tenant, by the tenant's ids: the provider is sent its own ones. All other bytes stay. Only fields that hold ids
/// are looked at: a text that has the form of one stays as it is.
/// </summary>
internal static class KeptReferences
{
    /// <summary>Whether there may be any: their names stand there as they are, or letters are escaped, as nobody writes them.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> body) => body.IndexOf("file_id"u8) >= 0 || body.IndexOf("previous_response_id"u8) >= 0 || HasEscapedLetters(body);

    /// <summary>All that there are, in order, whosever they are; none where the body is no JSON.</summary>
    /// <param name="body">Of the request.</param>
    public static ImmutableArray<KeptReference> Find(ReadOnlySpan<byte> body)
    {
        var found = ImmutableArray.CreateBuilder<KeptReference>();
        var reader = new Utf8JsonReader(body, RequestJson.Options);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName && FieldAt(ref reader) is { Length: > 0 } field)
                {
                    reader.Read();
                    Take(ref reader, field, found);
                }
            }
        }
        catch (JsonException)
        {
            // What reads the request next tells what is wrong with it.
            return [];
        }

        return found.ToImmutable();
    }

    /// <summary>The body with other ids in their places.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="references">In order.</param>
    /// <param name="places">Of each, where it is kept.</param>
    public static ReadOnlyMemory<byte> Replace(ReadOnlySpan<byte> body, ImmutableArray<KeptReference> references, IReadOnlyList<KeptPlace> places)
    {
        var replaced = new ArrayBufferWriter<byte>(body.Length);
        var from = 0;
        for (var i = 0; i < references.Length; i++)
        {
            var at = references[i].Token;
            replaced.Write(body[from..at.Start]);
            replaced.Write(JsonSerializer.SerializeToUtf8Bytes(places[i].Id));
            from = at.Start + at.Length;
        }

        replaced.Write(body[from..]);
        return replaced.WrittenMemory;
    }

    // A text, or all texts of a list, whatever stands between them.
    private static void Take(ref Utf8JsonReader reader, string field, ImmutableArray<KeptReference>.Builder found)
    {
        var depth = reader.CurrentDepth;
        var isList = reader.TokenType is JsonTokenType.StartArray;
        do
        {
            if (reader.TokenType is JsonTokenType.String)
            {
                found.Add(new KeptReference(field, TextOf(reader), Part.Of(reader)));
            }
        }
        while (isList && reader.Read() && reader.CurrentDepth > depth);
    }

    // What the caller's own functions and formats are like names no files, nor does what is only kept beside a request.
    private static string FieldAt(ref Utf8JsonReader reader)
    {
        if (reader.Is("parameters"u8) || reader.Is("schema"u8) || reader.Is("metadata"u8))
        {
            reader.Skip();
            return "";
        }

        return reader.Is("file_id"u8) ? "file_id"
            : reader.Is("file_ids"u8) ? "file_ids"
            : reader.CurrentDepth == 1 && reader.Is(KeptReference.PreviousUtf8) ? KeptReference.Previous
            : "";
    }

    // Half of a surrogate pair is no text, and so no id.
    private static string TextOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    // \u0040 to \u007f: letters and the underscore.
    private static bool HasEscapedLetters(ReadOnlySpan<byte> body)
    {
        for (var at = body.IndexOf("\\u00"u8); at >= 0; at = body.IndexOf("\\u00"u8))
        {
            body = body[(at + 4)..];
            if (body is [>= (byte)'4' and <= (byte)'7', ..])
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A place where a request names something that is kept.</summary>
/// <param name="Field">The name of the field.</param>
/// <param name="Id">As the client wrote it.</param>
/// <param name="Token">The string, with its quotes.</param>
internal readonly record struct KeptReference(string Field, string Id, Part Token)
{
    /// <summary>The field of the response that a request goes on from.</summary>
    public const string Previous = "previous_response_id";

    /// <summary>The same, as bodies have it.</summary>
    public static ReadOnlySpan<byte> PreviousUtf8 => "previous_response_id"u8;

    /// <summary>Whether it is a response; else it is a file.</summary>
    public bool IsResponse => Field is Previous;

    /// <summary>What the id must begin with.</summary>
    public string Beginning => IsResponse ? TenantIds.OfResponse : TenantIds.OfFile;
}
