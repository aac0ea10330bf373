using System.Globalization;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Caching.Models;

/// <summary>
/// What a provider is sent, in one form: whatever the order of its fields, its white space, how its text is escaped, and whether it asks for a stream. Two bodies of one form are answered
/// alike; every value has its length or its end, so that no two others share one.
/// </summary>
internal static class CanonicalBody
{
    // They tell how the answer is to come, or who asks, and nothing of what is said.
    private static readonly byte[][] Idle =
    [
        [.. "stream"u8], [.. "stream_options"u8], [.. "user"u8], [.. "metadata"u8], [.. "safety_identifier"u8], [.. "prompt_cache_key"u8], [.. "prompt_cache_retention"u8], [.. "store"u8],
    ];

    /// <summary>Writes it; false: it is no JSON object, or it asks for more than an answer, so that none is kept.</summary>
    /// <param name="body">What is sent.</param>
    /// <param name="stores">Whether the provider keeps what it answered, unless it is told not to.</param>
    /// <param name="to">Takes it.</param>
    public static bool TryWrite(ReadOnlyMemory<byte> body, bool stores, PooledBytes to)
    {
        try
        {
            var json = Json.OfBody(body);
            var store = json.Find("store"u8);
            if (store.IsTrue || (stores && store.IsNothing) || json.Find("background"u8).IsTrue || !json.Find("previous_response_id"u8).IsNothing || !json.Find("conversation"u8).IsNothing)
            {
                return false;
            }

            WriteFields(json, to, static name => Array.Exists(Idle, idle => name.Span.SequenceEqual(idle)));
            return true;
        }
        catch (DialectFaultException)
        {
            return false;
        }
    }

    /// <summary>Writes a text with its length.</summary>
    public static void WriteText(ReadOnlySpan<byte> text, PooledBytes to)
    {
        Span<byte> length = stackalloc byte[12];
        text.Length.TryFormat(length, out var written, provider: CultureInfo.InvariantCulture);
        to.Add(length[..written]);
        to.Add("\""u8);
        to.Add(text);
    }

    private static void Write(Json value, PooledBytes to)
    {
        if (value.IsObject)
        {
            WriteFields(value, to, static _ => false);
        }
        else if (value.IsList)
        {
            to.Add("["u8);
            var items = value.Items();
            while (items.Next())
            {
                Write(items.Value, to);
            }

            to.Add("]"u8);
        }
        else if (value.IsString)
        {
            WriteText(value.Unescape().Span, to);
        }
        else
        {
            to.Add(value.Span);
            to.Add(","u8);
        }
    }

    private static void WriteFields(Json value, PooledBytes to, Predicate<ReadOnlyMemory<byte>> isIdle)
    {
        var found = new List<(ReadOnlyMemory<byte> Name, Json Value)>();
        var fields = value.Fields();
        while (fields.Next())
        {
            ReadOnlyMemory<byte> name = fields.Name.ToArray();
            if (!isIdle(name))
            {
                found.Add((name, fields.Value));
            }
        }

        to.Add("{"u8);

        // Of two of one name the order stays: which of them holds is the provider's to say.
        foreach (var (name, inner) in found.Order(Comparer<(ReadOnlyMemory<byte> Name, Json Value)>.Create(static (a, b) => a.Name.Span.SequenceCompareTo(b.Name.Span))))
        {
            WriteText(name.Span, to);
            Write(inner, to);
        }

        to.Add("}"u8);
    }
}
