using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Memory;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>Makes the body that a provider is sent: the caller's own with a few changes where both speak one dialect, else a translation of it.</summary>
/// <param name="body">As it came.</param>
/// <param name="scan">What is known of it.</param>
/// <param name="client">What the caller speaks.</param>
/// <param name="provider">What the provider speaks.</param>
/// <param name="matched">Who serves it.</param>
/// <param name="cap">Of the answer, where the caller set none and one is needed; or null.</param>
internal sealed class SentBody(ReadOnlyMemory<byte> body, RequestScan scan, Dialect client, Dialect provider, MatchedModel matched, long? cap)
{
    // A copy of less costs less than another way to send it.
    private const int LeastInPieces = 256 * 1024;

    /// <summary>Whether the event with the usage is ours, not the caller's.</summary>
    public bool HidesUsage { get; private set; }

    /// <summary>Whether the caller asked for usage in the stream, where it is translated.</summary>
    public bool IncludesUsage { get; private set; }

    /// <summary>The ways of a request for embeddings; null: it is none.</summary>
    public EmbeddingsCall? Embeddings { get; init; }

    /// <summary>The request in no dialect, where it is translated.</summary>
    public Conversation? Conversation { get; private set; }

    /// <summary>A large body with its changes, which is not copied; null: it is in one piece.</summary>
    public ReadOnlyMemory<byte>[]? Pieces { get; private set; }

    /// <summary>What a translation leaves out; null where there is none.</summary>
    public Losses? Losses { get; private set; }

    /// <summary>Makes it, in a rented buffer; null where it is sent as it came. Returns what is wrong with it.</summary>
    public ClientError? TryMake(ModelOperation operation, bool binds, out byte[]? made, out int length)
    {
        if (Embeddings is { IsTranslated: false } && client.Embeddings!.NameModel(body, matched.Target.Target.Model, out length) is { } named)
        {
            made = named;
            return null;
        }

        if (Embeddings is { } ways ? !ways.IsTranslated : client == provider)
        {
            made = Edit(operation == ModelOperation.Chat, binds, out length);
            return null;
        }

        (made, length) = (null, 0);
        var json = default(Json);
        try
        {
            Losses = new Losses();
            json = Json.OfBody(body);
            if (Embeddings is not null)
            {
                made = Translations.WriteEmbeddings(json, client, provider, Embeddings, matched.Target, Losses, out length);
                return null;
            }

            var conversation = Translations.Read(client, json, Losses);
            Provenance.Keep(conversation, client, provider, Losses);
            conversation.Model = new Json(matched.SentName, -1);
            conversation.MaxTokens ??= cap;
            conversation.Stream = scan.Stream;
            Conversation = conversation;
            IncludesUsage = conversation.IncludeUsage;
            made = Translations.Write(conversation, provider, matched.Target.Provider.Address, Losses, out length);
            return null;
        }
        catch (DialectFaultException fault)
        {
            return Translations.Tell(fault, json);
        }
    }

    private byte[]? Edit(bool isChat, bool binds, out int length)
    {
        var edits = new BodyEdits(body.Span);
        edits.SetModel(scan, matched.SentName);
        HidesUsage = client.HidesUsage && isChat && scan.Stream && !scan.IncludeUsage;
        if (HidesUsage)
        {
            edits.AskForUsage(scan);
        }

        if (isChat && scan.MaxTokens is null && binds)
        {
            edits.BoundAnswer(scan, cap!.Value);
        }

        if (body.Length >= LeastInPieces && matched.Target.Provider.Dialect is not ProviderDialect.Sandbox && !ForeignProofs.MayBeIn(body.Span))
        {
            Pieces = edits.Cut(body);
            length = Pieces is null ? body.Length : PiecedContent.LengthOf(Pieces);
            return null;
        }

        var edited = edits.Apply(out length);
        return ForeignProofs.MayBeIn(body.Span) ? Clean(edited, ref length) : edited;
    }

    // The caller was answered by a provider of another dialect before.
    private byte[]? Clean(byte[]? edited, ref int length)
    {
        Losses = new Losses();
        if (ForeignProofs.Remove(edited is null ? body : edited.AsMemory(0, length), Losses, out var kept) is not { } cleaned)
        {
            return edited;
        }

        length = kept;
        if (edited is not null)
        {
            ReturnedBuffers.Return(edited);
        }

        return cleaned;
    }
}
