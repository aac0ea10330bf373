using Sluice.Edge.Configuration;
using Sluice.Edge.Targets;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Targets;

public sealed class CredentialChoiceTests
{
    [Fact]
    public void Credentials_take_turns_by_their_weights_or_by_what_is_left_of_them()
    {
        var credentials = new ProviderCredentials(["one", "two", "three"], [1, 2, 7]);
        var states = Models.States();
        var random = new Random(3);
        var counts = new int[3];
        for (var i = 0; i < 10_000; i++)
        {
            counts[CredentialChoice.Choose(credentials, states, default, random.NextDouble(), default)]++;
        }

        Assert.Equal([0.1, 0.2, 0.7], counts.Select(count => count / 10_000.0), (a, b) => Math.Abs(a - b) < 0.02);
        states[0].Headroom.Tell(0.3, TimeSpan.FromMinutes(1), default);
        states[1].Headroom.Tell(0.6, TimeSpan.FromMinutes(1), default);
        states[2].Headroom.Tell(0.1, TimeSpan.FromMinutes(1), default);
        Assert.Equal(1, CredentialChoice.Choose(credentials, states, CredentialRotation.LeastUsed, 0, default));
    }
}
