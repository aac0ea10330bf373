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

    /// <summary>Reads its value to its end. True where it is there, and may be all of the input.</summary>
    public static bool Read(ref Utf8JsonReader reader, string name, ref InputScan input, out RequestFault? fault)
    {
        reader.Read();
        fault = null;
        var isThere = reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
        reader.Skip();
        if (isThere && name is "background")
        {
            fault = new RequestFault("'background' is not supported: what an answer that comes later costs would not be known.", name);
            return false;
        }

        if (isThere)
        {
            input.FindKept(name);
        }

        return isThere;
    }
}
