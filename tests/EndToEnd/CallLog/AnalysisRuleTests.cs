using Sluice.Silo.Admin;
using Sluice.Silo.CallLog;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>What is unusual, when an amount ends, and how two sets of calls differ: rules without a log.</summary>
public sealed class AnalysisRuleTests
{
    private const int Week = SeasonalBaseline.Week;
    private static readonly DateTimeOffset Now = new(2030, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long Hour = Now.ToUnixTimeSeconds() / 3600;

    [Fact]
    public void An_hour_unlike_those_of_the_weeks_before_is_told_and_the_rush_of_each_week_is_not()
    {
        var hours = Weekly(8);
        hours[Hour - 30] = 5_000;
        hours[Hour - 20] = 0;

        var answer = Anomalies.Of(hours, CallMeasure.Calls, new CallFilter(Now.AddDays(-2), Now), 4, Now);

        Assert.Equal((48, 0), (answer.Looked, answer.Unknown));
        Assert.Equal([At(Hour - 30), At(Hour - 20)], answer.Items.Select(item => item.Hour).OrderBy(time => time));
        Assert.True(answer.Items[0].Deviations > 4);
        Assert.True(answer.Items[1].Deviations < -4);
    }

    [Fact]
    public void A_week_that_was_odd_does_not_move_what_is_usual()
    {
        var hours = Weekly(8);
        for (var hour = Hour - (2 * Week); hour < Hour - Week; hour++)
        {
            hours[hour] *= 20;
        }

        Assert.Empty(Anomalies.Of(hours, CallMeasure.Calls, new CallFilter(Now.AddDays(-2), Now), 4, Now).Items);
    }

    [Fact]
    public void Of_a_young_log_it_is_said_that_nothing_is_known()
    {
        var answer = Anomalies.Of(Weekly(1), CallMeasure.Calls, new CallFilter(Now.AddDays(-1), Now), 4, Now);

        Assert.Equal((0, 24), (answer.Looked, answer.Unknown));
        Assert.Empty(Anomalies.Of(new Dictionary<long, double>(), CallMeasure.Cost, new CallFilter(Now.AddDays(-1), Now), 4, Now).Items);
    }

    [Fact]
    public void An_amount_ends_in_the_hour_in_which_the_hours_of_the_week_have_spent_it()
    {
        var (basis, rates) = SpendForecast.Rates(Weekly(4), Hour - (4 * Week), Hour);
        var day = rates.Skip((int)(Hour % Week)).Concat(rates).Take(24).Sum();

        var (ends, _) = SpendForecast.Run(rates, day, Now, Now.AddDays(30));
        var (never, spent) = SpendForecast.Run(rates, day * 100, Now, Now.AddDays(1));

        Assert.Equal(ForecastBasis.Weekly, basis);
        Assert.InRange(ends!.Value, Now.AddHours(23), Now.AddHours(24));
        Assert.Null(never);
        Assert.Equal(day, spent, 3);
    }

    [Fact]
    public void Of_less_than_a_week_the_mean_counts_and_without_anything_an_amount_never_ends()
    {
        var (basis, rates) = SpendForecast.Rates(new Dictionary<long, double> { [Hour - 2] = 10, [Hour - 1] = 20 }, Hour - 2, Hour);

        Assert.Equal((ForecastBasis.Flat, 15.0), (basis, rates[0]));
        Assert.Equal(Now.AddHours(10), SpendForecast.Run(rates, 150, Now, null).Ends);
        Assert.Equal(((DateTimeOffset?)null, 0.0), SpendForecast.Run(SpendForecast.Rates(new Dictionary<long, double>(), Hour, Hour).Rates, 1, Now, null));
    }

    [Fact]
    public void A_share_that_may_differ_by_chance_has_0_within_its_interval_and_one_that_does_not_has_it_outside()
    {
        var chance = Of((10, 1_000), (14, 1_000));
        var real = Of((10, 1_000), (40, 1_000));

        Assert.True(chance.Least < 0 && chance.Most > 0);
        Assert.True(real.Least > 0);
        Assert.Equal((0.01, 0.04, 3.0), (real.A, real.B, real.Change));

        static CallDifference Of((long Failed, long Calls) a, (long Failed, long Calls) b) =>
            CallComparison.Of(new CallFilter(Now, Now), Figures(a), Figures(b)).Differences.Single(one => one.Measure is "failed share");
    }

    private static CallFigures Figures((long Failed, long Calls) one) =>
        new(new Dictionary<CallDimension, string>(), one.Calls, one.Failed, 0, 0, 0, one.Calls, 0, 0, 0, 0, 0, 0, 0, 0, [1, 2, 3], []);

    private static DateTimeOffset At(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600);

    // A rush at one hour of each week.
    private static Dictionary<long, double> Weekly(int weeks) => Enumerable.Range(1, weeks * Week).ToDictionary(
        back => Hour - back, back => (Hour - back) % Week == (Hour - 10) % Week ? 2_000 : 400.0 + ((Hour - back) * 7919 % 17));
}
