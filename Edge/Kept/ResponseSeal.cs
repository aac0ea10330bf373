using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Kept;

/// <summary>
/// Puts the tenant's ids in the place of the provider's, in a response that else passes as it is: <c>id</c> and <c>previous_response_id</c>, of a whole response and of the one that an event of
/// its stream has. One for each attempt.
/// </summary>
/// <param name="ids">The tenant's.</param>
/// <param name="provider">Who keeps it.</param>
/// <param name="model">The model by which it was asked.</param>
/// <param name="known">A name that the client has already; null: none.</param>
internal sealed class ResponseSeal(TenantIds ids, string provider, string model, KeptName? known)
{
    private KeptName? _last;

    /// <summary>An event's data under the tenant's ids; null: it has none.</summary>
    public byte[]? EditEvent(ReadOnlySpan<byte> data) => data.IndexOf("\"response\""u8) < 0 ? null : Edit(data);

    /// <summary>A JSON object under the tenant's ids; null: it has none.</summary>
    public byte[]? Edit(ReadOnlySpan<byte> json)
    {
        var names = new List<(Part Token, string Told)>();
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return null;
            }

            Find(ref reader, names, isEvent: true);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No response, and an id that is not told as the tenant's opens nowhere.
            return null;
        }

        if (names.Count == 0)
        {
            return null;
        }

        var edited = new ArrayBufferWriter<byte>(json.Length + 256);
        var from = 0;
        foreach (var (token, told) in names)
        {
            edited.Write(json[from..token.Start]);
            edited.Write(JsonSerializer.SerializeToUtf8Bytes(told));
            from = token.Start + token.Length;
        }

        edited.Write(json[from..]);
        return edited.WrittenSpan.ToArray();
    }

    private void Find(ref Utf8JsonReader reader, List<(Part Token, string Told)> names, bool isEvent)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isName = reader.Is("id"u8) || reader.Is("previous_response_id"u8);
            var isResponse = isEvent && reader.Is("response"u8);
            reader.Read();
            if (isName && reader.TokenType is JsonTokenType.String)
            {
                names.Add((Part.Of(reader), Tell(reader.GetString()!)));
            }
            else if (isResponse && reader.TokenType is JsonTokenType.StartObject)
            {
                Find(ref reader, names, isEvent: false);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private string Tell(string place)
    {
        if (string.Equals(known?.Place, place, StringComparison.Ordinal))
        {
            return known!.Told;
        }

        if (!string.Equals(_last?.Place, place, StringComparison.Ordinal))
        {
            _last = new KeptName(place, ids.Seal(TenantIds.OfResponse, new KeptPlace(provider, model, place)));
        }

        return _last!.Told;
    }
}
