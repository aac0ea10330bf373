using System.Collections.Immutable;

namespace Sluice.Revisions.Reading;

/// <summary>
/// Keeps each text once where many resources are read that have the same hosts, paths and names in them: half of what ten thousand routes would hold besides is texts. Lives while they are
/// read, on one thread.
/// </summary>
internal sealed class SharedTexts
{
    // Those of methods are the very texts that requests have: they are compared without a look at their letters.
    private readonly HashSet<string> _texts = new(RouteReader.Methods, StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<string>> _alone = new(StringComparer.Ordinal);

    /// <summary>The text that was the first of its letters.</summary>
    public string Share(string text)
    {
        if (_texts.TryGetValue(text, out var known))
        {
            return known;
        }

        _texts.Add(text);
        return text;
    }

    /// <summary>A list of shared texts; of one text, which most have, the list itself is shared.</summary>
    public ImmutableArray<string> Share(ImmutableArray<string> texts)
    {
        if (texts.Length != 1)
        {
            return [.. texts.Select(Share)];
        }

        if (!_alone.TryGetValue(texts[0], out var known))
        {
            known = [Share(texts[0])];
            _alone.Add(known[0], known);
        }

        return known;
    }
}
