namespace Sluice.Revisions.Resources;

/// <summary>The vocabulary by which a model's text is cut into tokens.</summary>
public enum Vocabulary
{
    /// <summary>Not known here: a token has at least one byte, and no more is said.</summary>
    None,

    /// <summary>Written <c>o200k_base</c>: gpt-4o and later of OpenAI.</summary>
    O200kBase,

    /// <summary>Written <c>cl100k_base</c>: gpt-4, gpt-3.5-turbo and embeddings of OpenAI.</summary>
    Cl100kBase,
}
