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
    private static readonly byte[] Mark = [.. "sluice."u8];

    /// <summary>Whether there may be any.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> body) => body.IndexOf(Mark) >= 0;

    /// <summary>Those that there are, in order; none where the body is no JSON.</summary>
    /// <param name="body">Of the request.</param>
    public static ImmutableArray<KeptReference> Find(ReadOnlySpan<byte> body)
    {
        var found = ImmutableArray.CreateBuilder<KeptReference>();
        var reader = new Utf8JsonReader(body, RequestJson.Options);
        try
        {
            var field = "";
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName)
                {
                    field = reader.Is("file_id"u8) ? "file_id" : reader.Is("file_ids"u8) ? "file_ids"
                        : reader.CurrentDepth == 1 && reader.Is("previous_response_id"u8) ? KeptReference.Previous : "";
                }
                else if (reader.TokenType is JsonTokenType.String && field.Length > 0)
                {
                    if (reader.ValueSpan.IndexOf(Mark) >= 0 && reader.GetString() is { } id)
                    {
                        found.Add(new KeptReference(field, id, Part.Of(reader)));
                    }

                    field = field is "file_ids" ? field : "";
                }
                else if (reader.TokenType is not JsonTokenType.StartArray)
                {
                    field = "";
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
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
}

/// <summary>A place where a request names something that is kept.</summary>
/// <param name="Field">The name of the field.</param>
/// <param name="Id">As the client wrote it.</param>
/// <param name="Token">The string, with its quotes.</param>
internal readonly record struct KeptReference(string Field, string Id, Part Token)
{
    /// <summary>The field of the response that a request goes on from.</summary>
    public const string Previous = "previous_response_id";

    /// <summary>Whether it is a response; else it is a file.</summary>
    public bool IsResponse => Field is Previous;

    /// <summary>What the id must begin with.</summary>
    public string Beginning => IsResponse ? TenantIds.OfResponse : TenantIds.OfFile;
}
