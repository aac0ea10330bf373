using System.Globalization;
using Microsoft.ML.Tokenizers;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Tokens;

/// <summary>Counts the tokens of texts by a vocabulary. Vocabularies are loaded when they are first asked for, each about 30 MB. Safe for concurrent use.</summary>
internal static class TextTokens
{
    // What a vocabulary takes for one piece is merged in time that grows with its square.
    private const int LongestPiece = 512;

    private static readonly Lazy<TiktokenTokenizer> O200k = new(() => TiktokenTokenizer.CreateForEncoding("o200k_base"));
    private static readonly Lazy<TiktokenTokenizer> Cl100k = new(() => TiktokenTokenizer.CreateForEncoding("cl100k_base"));

    /// <summary>The tokens of a text; null where they are not counted: there is no such vocabulary, the text would take too long, or it has what the vocabulary takes for more than text.</summary>
    public static int? Count(Vocabulary vocabulary, ReadOnlySpan<char> text)
    {
        var tokenizer = vocabulary switch
        {
            Vocabulary.O200kBase => O200k.Value,
            Vocabulary.Cl100kBase => Cl100k.Value,
            _ => null,
        };

        // Providers read <|endoftext|> in a message as text, of several tokens.
        return tokenizer is null || text.Contains("<|", StringComparison.Ordinal) || HasLongPiece(text) ? null : tokenizer.CountTokens(text);
    }

    private static bool HasLongPiece(ReadOnlySpan<char> text)
    {
        var length = 0;
        var before = Class.Digit;
        foreach (var letter in text)
        {
            var kind = ClassOf(letter);

            // Digits are cut into threes.
            length = kind == before && kind is not Class.Digit ? length + 1 : 1;
            if (length > LongestPiece)
            {
                return true;
            }

            before = kind;
        }

        return false;
    }

    private static Class ClassOf(char letter) => char.IsWhiteSpace(letter) ? Class.Space
        : char.IsDigit(letter) ? Class.Digit
        : char.GetUnicodeCategory(letter) is <= UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Surrogate ? Class.Letter
        : Class.Other;

    private enum Class
    {
        Letter,
        Digit,
        Space,
        Other,
    }
}
