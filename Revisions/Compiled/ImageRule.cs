using System.Collections.Immutable;

namespace Sluice.Revisions.Compiled;

/// <summary>How many tokens an image costs a model, by its provider's published rule: never less than it bills. See docs/accounting.md.</summary>
public abstract record ImageRule
{
    /// <summary>The most that one image costs with any model that has a rule: gpt-4o-mini in high detail, 2,833 and 8 tiles of 5,667 tokens. It holds for models without one.</summary>
    public const long DearestOfAll = 48_169;

    private static readonly ImmutableArray<(string Begin, ImageRule Rule)> ByName =
    [
        ("gpt-4o-mini", new Tiles(2833, 5667)),
        ("gpt-4o", new Tiles(85, 170)),
        ("gpt-4.1-mini", new Patches(1_620)),
        ("gpt-4.1-nano", new Patches(2_460)),
        ("gpt-4.1", new Tiles(85, 170)),
        ("gpt-5-mini", new Patches(1_620)),
        ("gpt-5-nano", new Patches(2_460)),
        ("gpt-5", new Tiles(70, 140)),
        ("o4-mini", new Patches(1_720)),
        ("o1", new Tiles(75, 150)),
        ("o3", new Tiles(75, 150)),
        ("claude-3", new Area()),
        ("claude-haiku-4-5", new Area()),
        ("claude-sonnet-4-5", new Area()),
        ("claude-opus-4-5", new Area()),
        ("gemini-2.0", new Squares()),
        ("gemini-2.5", new Squares()),
    ];

    /// <summary>The most that an image costs whose size is not known.</summary>
    public abstract long Dearest { get; }

    /// <summary>The rule for a provider's model, by its name; null where none is known.</summary>
    public static ImageRule? Of(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        foreach (var (begin, rule) in ByName)
        {
            // gpt-5 and gpt-5-2025-08-07, not gpt-5.1, of which nothing is known here.
            if (name.StartsWith(begin) && (name.Length == begin.Length || name[begin.Length] == '-'))
            {
                return rule;
            }
        }

        return null;
    }

    /// <summary>What an image costs.</summary>
    /// <param name="width">In pixels, at least 1.</param>
    /// <param name="height">In pixels, at least 1.</param>
    public abstract long Of(int width, int height);

    /// <summary>What an image costs that is sent in low detail, whatever its size; null where the rule knows no such thing.</summary>
    public virtual long? LowDetail => null;

    private static long Parts(long length, long part) => (length + part - 1) / part;

    // OpenAI: fitted into 2,048 × 2,048, then to 768 on its shorter side, and cut into tiles of 512.
    private sealed record Tiles(long Base, long Tile) : ImageRule
    {
        public override long Dearest => Base + (8 * Tile);

        public override long? LowDetail => Base;

        public override long Of(int width, int height)
        {
            var (longer, shorter) = ((long)Math.Max(width, height), (long)Math.Min(width, height));
            if (longer > 2048)
            {
                (longer, shorter) = (2048, Parts(shorter * 2048, longer));
            }

            if (shorter > 768)
            {
                (longer, shorter) = (Parts(longer * 768, shorter), 768);
            }

            return Base + (Parts(longer, 512) * Parts(shorter, 512) * Tile);
        }
    }

    // OpenAI's smaller models: patches of 32, at most 1,536 of them, each so many thousandths of a token.
    private sealed record Patches(long Thousandths) : ImageRule
    {
        public override long Dearest => Tokens(1536);

        public override long Of(int width, int height) => Tokens(Math.Min(1536, Parts(width, 32) * Parts(height, 32)));

        private long Tokens(long patches) => Parts(patches * Thousandths, 1000);
    }

    // Anthropic: width × height ÷ 750, of at most 1,568 pixels a side.
    private sealed record Area : ImageRule
    {
        private const int Longest = 1568;

        public override long Dearest => Parts(Longest * Longest, 750);

        public override long Of(int width, int height) => Parts((long)Math.Min(width, Longest) * Math.Min(height, Longest), 750);
    }

    // Gemini: 258 up to 384 × 384; larger ones in squares of 768, of at most 3,072 pixels a side.
    private sealed record Squares : ImageRule
    {
        private const int Longest = 3072;

        public override long Dearest => Of(Longest, Longest);

        public override long Of(int width, int height) => width <= 384 && height <= 384
            ? 258
            : 258 * Parts(Math.Min(width, Longest), 768) * Parts(Math.Min(height, Longest), 768);
    }
}
