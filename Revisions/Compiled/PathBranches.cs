namespace Sluice.Revisions.Compiled;

/// <summary>What follows a step of a <see cref="PathTree"/> by its text. Most steps have one that follows, which needs no table: of ten thousand routes that is a fifth of what they hold.</summary>
internal readonly struct PathBranches
{
    private readonly string? _text;
    private readonly PathTree? _tree;

    // Never changed once it is here; null: there is at most one.
    private readonly Dictionary<string, PathTree>? _many;

    /// <summary>Keeps <paramref name="trees"/>, which nobody changes any more.</summary>
    public PathBranches(Dictionary<string, PathTree> trees)
    {
        if (trees.Count > 1)
        {
            _many = trees;
        }

        foreach (var (text, tree) in trees.Count == 1 ? trees : [])
        {
            (_text, _tree) = (text, tree);
        }
    }

    /// <summary>Whether nothing follows.</summary>
    public bool IsEmpty => _many is null && _tree is null;

    /// <summary>All that follow.</summary>
    public IEnumerable<PathTree> Trees => _many is not null ? _many.Values : _tree is not null ? [_tree] : [];

    /// <summary>What follows by a text, with case; null: nothing.</summary>
    public PathTree? Find(ReadOnlySpan<char> text) =>
        _many is not null ? _many.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var tree) ? tree : null
        : _text is not null && text.SequenceEqual(_text) ? _tree : null;

    /// <summary>The same with another tree behind a text; null: with none.</summary>
    public PathBranches With(string text, PathTree? tree)
    {
        var trees = _many is not null ? new Dictionary<string, PathTree>(_many, StringComparer.Ordinal) : new Dictionary<string, PathTree>(StringComparer.Ordinal);
        if (_text is not null)
        {
            trees.Add(_text, _tree!);
        }

        if (tree is not null)
        {
            trees[text] = tree;
        }
        else
        {
            trees.Remove(text);
        }

        return new PathBranches(trees);
    }
}
