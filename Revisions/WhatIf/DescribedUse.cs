using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.WhatIf;

/// <summary>How much a described request for a model asks for, as far as it is known.</summary>
/// <param name="BodyBytes">The body's length; of a form that of its sound, or what is no picture; null: not known.</param>
/// <param name="MaxTokens">The cap of the answer that it asks for.</param>
/// <param name="Pictures">How many are to be made; null: one.</param>
/// <param name="Size">Of each.</param>
/// <param name="Quality">Of each.</param>
/// <param name="Seconds">Of sound that is to become text.</param>
/// <param name="Characters">Of text that is to be spoken.</param>
public sealed record DescribedUse(long? BodyBytes, long? MaxTokens = null, long? Pictures = null, string? Size = null, string? Quality = null, long? Seconds = null, long? Characters = null)
{
    // A character has at most as many in UTF-8.
    private const int MostBytesOfCharacter = 4;

    /// <summary>The most that it can use, by the rules by which edges reserve it.</summary>
    public UseBounds BoundsOf(ModelResource model, Surface surface)
    {
        var text = BodyBytes is { } bytes ? TokenBounds.Input(model, TokenBounds.OfText(bytes), isBounded: true) : (long?)null;
        return surface switch
        {
            Surface.Realtime => new UseBounds(model.ContextTokens, TokenBounds.Output(model, null, answers: 1), TokenKinds.All, null),
            Surface.ImageGenerations or Surface.ImageEdits or Surface.ImageVariations => new UseBounds(
                text, (Pictures ?? 1) * TokenBounds.DearestPicture, surface is Surface.ImageGenerations ? TokenKinds.None : TokenKinds.InputImage, UnitBounds.Pictures(Pictures ?? 1, Size, Quality)),
            Surface.Speech => OfSpeech(model),
            Surface.Transcriptions or Surface.AudioTranslations => OfSound(model),
            Surface.Moderations or Surface.Embeddings or Surface.CountTokens => new UseBounds(text, 0, TokenKinds.None, null),
            _ => new UseBounds(text, Surfaces.Answers(surface) ? TokenBounds.Output(model, MaxTokens, answers: 1) : 0, TokenKinds.None, null),
        };
    }

    private UseBounds OfSpeech(ModelResource model)
    {
        if ((Characters ?? BodyBytes) is null)
        {
            return new UseBounds(null, 0, TokenKinds.OutputAudio, null);
        }

        var most = Characters is { } characters ? characters * MostBytesOfCharacter : long.MaxValue;
        var bytes = Math.Min(BodyBytes ?? most, most);
        return new UseBounds(TokenBounds.Input(model, TokenBounds.OfText(bytes), isBounded: true), TokenBounds.OfSpeech(bytes, speed: 1), TokenKinds.OutputAudio, UnitBounds.Speech(Characters ?? bytes));
    }

    private UseBounds OfSound(ModelResource model)
    {
        if ((Seconds ?? BodyBytes) is null)
        {
            return new UseBounds(null, 0, TokenKinds.InputAudio, null);
        }

        var bytes = BodyBytes ?? 0;
        var input = TokenBounds.Input(model, Seconds is { } seconds ? TokenBounds.OfHeard(seconds) : TokenBounds.OfText(TokenBounds.OfSound(bytes)), isBounded: true);
        return new UseBounds(input, input, TokenKinds.InputAudio, Seconds is { } known ? UnitBounds.Heard(known) : UnitBounds.Sound(bytes));
    }
}

/// <summary>The most that a request can use.</summary>
/// <param name="Input">Input tokens; null: not known.</param>
/// <param name="Output">Output tokens.</param>
/// <param name="Kinds">What tokens it can have besides text.</param>
/// <param name="Units">What it can have besides tokens; null: nothing, or it is not known.</param>
public readonly record struct UseBounds(long? Input, long Output, TokenKinds Kinds, UnitCounts? Units)
{
    /// <summary>Whether enough is known for a price: the tokens of its text, or what is billed by units. Without the first, text counts as none.</summary>
    public bool IsKnown => Input is not null || Units is not null;

    /// <summary>The most that it can cost with a target, in 10⁻⁹ of a US dollar; null: it has no price, or not enough is known.</summary>
    public long? CostOf(CompiledTarget target, DateTimeOffset at, string? tenant) =>
        IsKnown ? target.WorstCost(at, tenant, Input ?? 0, Output, Kinds, Units) : null;
}
