using System.Text;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>
/// Who made what proves reasoning: it is worth something only to the provider that made it, and another refuses it. Where an answer is translated it gets a mark, which clients keep as they
/// keep the rest; where a request goes to a provider of another dialect than the mark says, the proof is left out. So a model's name may move between providers amid a conversation.
/// Without a mark it is of the dialect that the client speaks.
/// </summary>
internal static class Provenance
{
    private static ReadOnlySpan<byte> Mark => "sluice."u8;

    /// <summary>Marks what a provider told.</summary>
    public static void Put(Answer answer, Dialect maker)
    {
        foreach (var candidate in answer.Candidates)
        {
            for (var i = 0; i < candidate.Parts.Count; i++)
            {
                if (candidate.Parts[i] is ReasoningPart thought && (thought.Signature.HasText || thought.Redacted.HasText))
                {
                    candidate.Parts[i] = new ReasoningPart { Text = thought.Text, Signature = Put(thought.Signature, maker), Redacted = Put(thought.Redacted, maker), Origin = thought.Origin };
                }
            }
        }
    }

    /// <summary>Marks one proof, or the first piece of it; nothing stays nothing.</summary>
    public static Json Put(Json proof, Dialect maker) =>
        proof.HasText ? new Json((byte[])[.. "\""u8, .. Mark, .. Encoding.ASCII.GetBytes(maker.Name), .. "."u8, .. proof.Span[1..]], -1) : proof;

    /// <summary>Takes the marks off what is sent to its maker, and leaves out what is another's.</summary>
    public static void Keep(Conversation conversation, Dialect client, Dialect provider, Losses losses)
    {
        foreach (var turn in conversation.Turns)
        {
            for (var i = turn.Parts.Count - 1; i >= 0; i--)
            {
                if (turn.Parts[i] is ReasoningPart thought && (thought.Signature.HasText || thought.Redacted.HasText))
                {
                    turn.Parts[i] = Keep(thought, client, provider);
                    if (turn.Parts[i] is ReasoningPart { Text.HasText: false, Signature.HasText: false, Redacted.HasText: false })
                    {
                        losses.Add(thought.Origin, "what proves reasoning to another provider is not sent to this one");
                        turn.Parts.RemoveAt(i);
                    }
                }
            }
        }
    }

    /// <summary>Whether a string is a marked proof.</summary>
    public static bool IsMarked(ReadOnlySpan<byte> json) => json.Length > Mark.Length && json[1..].StartsWith(Mark);

    private static ReasoningPart Keep(ReasoningPart thought, Dialect client, Dialect provider) => new()
    {
        Text = thought.Text,
        Signature = Keep(thought.Signature, client, provider),
        Redacted = Keep(thought.Redacted, client, provider),
        Origin = thought.Origin,
        CacheControl = thought.CacheControl,
        Others = thought.Others,
    };

    private static Json Keep(Json proof, Dialect client, Dialect provider)
    {
        if (!IsMarked(proof.Span))
        {
            return client == provider ? proof : default;
        }

        var name = proof.Span[(1 + Mark.Length)..];
        var end = name.IndexOf((byte)'.');
        return end > 0 && Encoding.ASCII.GetString(name[..end]) is var maker && string.Equals(maker, provider.Name, StringComparison.Ordinal)
            ? new Json((byte[])[.. "\""u8, .. name[(end + 1)..]], proof.At)
            : default;
    }
}
