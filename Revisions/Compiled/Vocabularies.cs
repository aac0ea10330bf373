using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Which vocabulary a provider's model counts by, where its name says it. A model that is named so and counts otherwise declares <c>tokenizer</c>.</summary>
public static class Vocabularies
{
    private static readonly ImmutableArray<(string Begin, Vocabulary Vocabulary)> ByName =
    [
        ("gpt-4o", Vocabulary.O200kBase),
        ("gpt-4.1", Vocabulary.O200kBase),
        ("gpt-4.5", Vocabulary.O200kBase),
        ("gpt-5", Vocabulary.O200kBase),
        ("o1", Vocabulary.O200kBase),
        ("o3", Vocabulary.O200kBase),
        ("o4", Vocabulary.O200kBase),
        ("gpt-4", Vocabulary.Cl100kBase),
        ("gpt-3.5-turbo", Vocabulary.Cl100kBase),
        ("text-embedding-3-", Vocabulary.Cl100kBase),
        ("text-embedding-ada-002", Vocabulary.Cl100kBase),
    ];

    /// <summary>By the provider's name of the model: <c>gpt-4o-mini</c> as well as <c>openai/gpt-4o-mini</c>.</summary>
    public static Vocabulary Of(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        foreach (var (begin, vocabulary) in ByName)
        {
            // Followed by nothing or by a part of its own: o1 and o1-mini, not o1x.
            if (name.StartsWith(begin) && (name.Length == begin.Length || begin[^1] == '-' || name[begin.Length] is '-' or '.'))
            {
                return vocabulary;
            }
        }

        return Vocabulary.None;
    }
}
