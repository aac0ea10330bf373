using CsCheck;
using Sluice.Edge.Tokens;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Edge.Tokens;

public sealed class ImageTests
{
    [Theory]
    [InlineData("gpt-4o", 1024, 1024, 765)]
    [InlineData("gpt-4o", 2048, 4096, 1105)]
    [InlineData("gpt-4o-mini", 512, 512, 8_500)]
    [InlineData("gpt-4.1-mini", 1024, 1024, 1_659)]
    [InlineData("o1", 1024, 1024, 675)]
    [InlineData("gpt-5-2025-08-07", 512, 513, 350)]
    [InlineData("claude-sonnet-4-5-20250929", 200, 200, 54)]
    [InlineData("claude-sonnet-4-5", 1092, 1092, 1_590)]
    [InlineData("google/gemini-2.5-flash", 384, 384, 258)]
    [InlineData("gemini-2.5-flash", 769, 768, 516)]
    public void Each_providers_rule_holds(string model, int width, int height, long tokens) => Assert.Equal(tokens, ImageRule.Of(model)!.Of(width, height));

    [Theory]
    [InlineData("gpt-5.1")]
    [InlineData("llama-4")]
    [InlineData("claude-opus-4-7")]
    public void A_model_without_a_known_rule_has_none(string model) => Assert.Null(ImageRule.Of(model));

    [Fact]
    public void No_size_costs_more_than_the_dearest() => Gen.Select(Gen.OneOf(Gen.Const("gpt-4o"), Gen.Const("gpt-4o-mini"), Gen.Const("gpt-5"), Gen.Const("o4-mini"), Gen.Const("claude-3-opus"), Gen.Const("gemini-2.5-pro")), Gen.Int[1, 20_000], Gen.Int[1, 20_000]).Sample((model, width, height) =>
    {
        var rule = ImageRule.Of(model)!;
        Assert.InRange(rule.Of(width, height), 1, rule.Dearest);
        Assert.True(rule.Dearest <= ImageRule.DearestOfAll);
        Assert.True(rule.Of(width, height) == rule.Of(height, width));
    });

    [Theory]
    [InlineData("89504E470D0A1A0A0000000D494844520000028000000 1E0", 640, 480)]
    [InlineData("474946383961 8002 E001 000000", 640, 480)]
    [InlineData("FFD8 FFE00010 4A46494600010100000100010000 FFC0 0011 08 01E0 0280 03", 640, 480)]
    [InlineData("52494646 00000000 57454250 56503820 00000000 000000 9D012A 8002 E001 0000", 640, 480)]
    [InlineData("52494646 00000000 57454250 5650384C 00000000 2F 7FC27700 0000000000000000", 640, 480)]
    [InlineData("52494646 00000000 57454250 56503858 0A000000 00000000 7F0200 DF0100", 640, 480)]
    public void The_size_is_read_from_each_format(string file, int width, int height)
    {
        Assert.True(ImageSize.TryRead(Convert.FromHexString(file.Replace(" ", "", StringComparison.Ordinal)), out var size));
        Assert.Equal((width, height), size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("FFD8")]
    [InlineData("FFD8FFE0FFFF00000000")]
    [InlineData("FFD8FFDA000200000000")]
    [InlineData("89504E470D0A1A0A0000000D4948445200000000000001E0")]
    [InlineData("89504E470D0A1A0A0000000D49484452FFFFFFFF000001E0")]
    [InlineData("3C7376673E")]
    public void What_is_no_image_or_is_cut_off_has_no_size(string file) => Assert.False(ImageSize.TryRead(Convert.FromHexString(file), out _));

    [Fact]
    public void Any_bytes_are_read_without_a_fault() => Gen.Select(Gen.OneOf(Gen.Const("FFD8"), Gen.Const("89504E47"), Gen.Const("47494638"), Gen.Const("524946460000000057454250")), Gen.Byte.Array[0, 64]).Sample((begin, rest) =>
    {
        ImageSize.TryRead([.. Convert.FromHexString(begin), .. rest], out _);
    });
}
