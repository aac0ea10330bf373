using System.Globalization;
using Sluice.Edge.Metering;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>How long answers mostly are.</summary>
public sealed class AnswerSizesTests
{
    private readonly AnswerSizes _sizes = new();

    [Fact]
    public void Nothing_is_told_before_enough_answers_of_a_model_were_seen()
    {
        Add("a", 50, AnswerSizes.Enough - 1);
        Add("b", 50, 1);
        Assert.Null(_sizes.Likely("a"));

        Add("a", 50, 1);

        Assert.InRange(_sizes.Likely("a")!.Value, 50, 62);
        Assert.Null(_sizes.Likely("b"));
    }

    [Theory]
    [InlineData(0, 1_000, 10)]
    [InlineData(5, 1_000, 10)]
    [InlineData(6, 1_000, 1_000)]
    public void All_but_a_hundredth_of_the_answers_have_at_most_so_many(int some, long longest, long expected)
    {
        Add("a", 10, 500 - some);
        Add("a", longest, some);

        Assert.InRange(_sizes.Likely("a")!.Value, expected, expected * 5 / 4);
    }

    [Fact]
    public void A_size_is_known_to_a_quarter_and_never_below_itself()
    {
        for (long tokens = 0; tokens < 3_000_000; tokens += 1 + (tokens / 7))
        {
            var sizes = new AnswerSizes();
            for (var i = 0; i < AnswerSizes.Enough; i++)
            {
                sizes.Add("a", tokens);
            }

            Assert.InRange(sizes.Likely("a")!.Value, tokens, tokens * 5 / 4);
        }
    }

    [Fact]
    public void Old_answers_fade()
    {
        Add("a", 8_000, 900);
        Add("a", 20, 8_000);

        Assert.InRange(_sizes.Likely("a")!.Value, 20, 25);
    }

    [Fact]
    public void Only_so_many_models_are_kept()
    {
        for (var i = 0; i < 1_000; i++)
        {
            Add(i.ToString(CultureInfo.InvariantCulture), 10, AnswerSizes.Enough);
        }

        Assert.Equal(32, Enumerable.Range(0, 1_000).Count(i => _sizes.Likely(i.ToString(CultureInfo.InvariantCulture)) is not null));
    }

    private void Add(string model, long tokens, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _sizes.Add(model, tokens);
        }
    }
}
