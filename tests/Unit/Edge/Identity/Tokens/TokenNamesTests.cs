using CsCheck;
using Sluice.Edge.Identity.Tokens;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Edge.Identity.Tokens;

public sealed class TokenNamesTests
{
    [Theory]
    [InlineData("ada@example.org", "ada@example.org")]
    [InlineData("auth0|ada", "auth0~7Cada")]
    [InlineData("a~b", "a~7Eb")]
    [InlineData("_ada", "u~~_ada")]
    [InlineData("|ada", "u~~~7Cada")]
    [InlineData("Zoë", "Zo~C3~AB")]
    public void A_user_is_written_in_the_form_of_subjects(string claim, string expected) => Assert.Equal(expected, TokenNames.User(claim));

    [Fact]
    public void A_user_that_is_too_long_is_none() => Assert.Null(TokenNames.User(new string('|', 100)));

    [Fact]
    public void No_two_users_become_one() =>
        Gen.Select(Gen.String[Gen.Char["u~|_7Cé"], 1, 8], Gen.String[Gen.Char["u~|_7Cé"], 1, 8]).Sample((a, b) =>
        {
            Assert.True(Names.IsUser(TokenNames.User(a)!));
            Assert.Equal(string.Equals(a, b, StringComparison.Ordinal), string.Equals(TokenNames.User(a), TokenNames.User(b), StringComparison.Ordinal));
        });

    [Fact]
    public void What_stands_in_a_keys_place_is_bounded_and_keeps_users_apart()
    {
        var (long1, long2) = (new string('a', 120), new string('a', 121));

        Assert.Equal("corp:ada", TokenNames.Key("corp", "ada"));
        Assert.All([long1, long2], user => Assert.True(Names.IsUser(TokenNames.Key("corporation", user))));
        Assert.NotEqual(TokenNames.Key("corporation", long1), TokenNames.Key("corporation", long2));
    }
}
