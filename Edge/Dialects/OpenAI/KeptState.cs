using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Fields of a request for a response that stand for something which the provider keeps, or makes later.</summary>
internal static class KeptState
{
    /// <summary>The name of the field at which the reader stands, where it is one of them.</summary>
    public static string? NameOf(in Utf8JsonReader reader) => reader.Is("previous_response_id"u8) ? "previous_response_id"
        : reader.Is("conversation"u8) ? "conversation"
        : reader.Is("prompt"u8) ? "prompt"
        : reader.Is("background"u8) ? "background"
        : null;

    // Null: it is none, or half of a surrogate pair.
    private static string? TextOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Reads its value to its end. True where it is there, and may be all of the input.</summary>
    public static bool Read(ref Utf8JsonReader reader, string name, ref RequestScan scan, out RequestFault? fault)
    {
        reader.Read();
        fault = null;
        var isThere = reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
        if (name is "background")
        {
            // Only true is: a provider may take other values for it, and then says so.
            scan.IsBackground |= isThere;
            reader.Skip();
            return false;
        }

        if (name is "previous_response_id" && isThere)
        {
            var previous = TextOf(reader);
            fault = scan.PreviousResponse is not null ? new RequestFault("'previous_response_id' stands twice in the request.", name)
                : previous is null ? new RequestFault("'previous_response_id' must be a string.", name)
                : null;
            scan.PreviousResponse ??= previous;
        }

        reader.Skip();
        if (isThere)
        {
            scan.Input.FindKept(name);
        }

        return isThere && fault is null;
    }
}
