using System.Globalization;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>A split of 95 to 5 by user, over 100,000 users.</summary>
public sealed class StickySplitTests
{
    private const int Users = 100_000;

    [Theory]
    [InlineData(9_500, 500)]
    [InlineData(9_999, 1)]
    [InlineData(5_000, 5_000)]
    public void A_part_has_its_share_of_users_and_of_chances_within_the_bound_of_chance(int from, int to)
    {
        var route = Route(from, to);
        var share = (double)to / (from + to);

        // 4.5 standard deviations of a binomial: by chance beyond it in 7 of a million runs, and these are the same in every run.
        var bound = 4.5 * Math.Sqrt(Users * share * (1 - share));
        var random = new Random(7);
        var users = Enumerable.Range(0, Users).Count(user => PartOf(route, user) == 1);
        var chances = Enumerable.Range(0, Users).Count(_ => route.Choose(random.NextDouble()) == 1);

        Assert.InRange(users, (Users * share) - bound, (Users * share) + bound);
        Assert.InRange(chances, (Users * share) - bound, (Users * share) + bound);
    }

    [Fact]
    public void A_user_stays_and_a_raised_share_moves_only_those_whom_it_adds_and_a_revert_moves_them_back()
    {
        var five = Sides(Route(9_500, 500));
        var again = Sides(Route(9_500, 500));
        var ten = Sides(Route(9_000, 1_000));
        var reverted = Sides(Route(95, 5));

        Assert.Equal(five, again);
        Assert.Equal(five, reverted);
        Assert.DoesNotContain(Enumerable.Range(0, Users), user => five[user] == 1 && ten[user] == 0);
        Assert.InRange(ten.Sum(), 9_500, 10_500);
    }

    private static int[] Sides(CompiledRoute route) => [.. Enumerable.Range(0, Users).Select(user => PartOf(route, user))];

    private static int PartOf(CompiledRoute route, int user) => route.Choose(route.ChanceOf(string.Create(CultureInfo.InvariantCulture, $"user-{user}")));

    private static CompiledRoute Route(int from, int to) => Assert.Single(RevisionCompiler.Compile(Declared.Bodies($$"""
        { kind: Upstream, name: old, addresses: [http://a] }
        ---
        { kind: Upstream, name: new, addresses: [http://b] }
        ---
        { kind: Route, name: shop, match: { path: /shop }, split: [{ upstream: old, weight: {{from}} }, { upstream: new, weight: {{to}} }], sticky: { by: header, name: x-user-id } }
        """)).Plan!.Routes.All());
}
