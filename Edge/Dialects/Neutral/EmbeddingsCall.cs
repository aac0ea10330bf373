using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>The ways of one request for embeddings, from its caller to a target.</summary>
/// <param name="Asked">The caller's.</param>
/// <param name="Sent">The provider's.</param>
/// <param name="IsTranslated">Whether they differ, in dialect or within one.</param>
internal sealed record EmbeddingsCall(string Asked, string Sent, bool IsTranslated)
{
    /// <summary>Whether the caller reads them as base64, where they are translated.</summary>
    public bool IsBase64 { get; private set; }

    /// <summary>How many texts were sent, where they are translated.</summary>
    public int Texts { get; private set; }

    /// <summary>The ways of a request to a target whose dialect has embeddings.</summary>
    /// <param name="client">What the caller speaks.</param>
    /// <param name="provider">What the provider speaks.</param>
    /// <param name="path">Where the request came to.</param>
    /// <param name="target">Who is asked.</param>
    public static EmbeddingsCall Of(Dialect client, Dialect provider, string path, CompiledTarget target)
    {
        var asked = client.Embeddings!.WayOf(path);
        var isOne = client == provider;
        var sent = provider.Embeddings!.WayTo(target.Target.Model, target.Provider.Address, isOne ? asked : null);
        return new EmbeddingsCall(asked, sent, !isOne || !string.Equals(asked, sent, StringComparison.Ordinal));
    }

    /// <summary>Takes what the answer must be like.</summary>
    public void Take(EmbeddingsRequest request) => (IsBase64, Texts) = (request.IsBase64, request.Texts.Count);

    /// <summary>Checks that there is one for each text.</summary>
    /// <exception cref="DialectFaultException">There are more or fewer.</exception>
    public IReadOnlyList<Json> Check(IReadOnlyList<Json> embeddings) =>
        embeddings.Count == Texts ? embeddings : throw new DialectFaultException($"It has {embeddings.Count} embeddings for {Texts} texts.");
}
