using System.Text;
using Sluice.Grains.Acme;

namespace Sluice.Tests.Unit.Acme;

public sealed class AcmeProblemTests
{
    [Fact]
    public void A_refusal_is_told_with_each_host_and_in_one_line()
    {
        var problem = AcmeSession.Read<AcmeProblem>(Encoding.UTF8.GetBytes("""
            {"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"two\nlines","status":403,
             "subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"CAA forbids","identifier":{"type":"dns","value":"a.test"}}]}
            """));

        Assert.Equal("rejectedIdentifier: two lines; a.test: caa: CAA forbids", problem.Tell());
        Assert.Equal("about:blank", AcmeSession.Read<AcmeProblem>("""{"type":"about:blank"}"""u8.ToArray()).Tell());
        Assert.Equal(601 + "x: ".Length - 3, new AcmeProblem("x", new string('a', 5_000), [], null).Tell().Length);
    }

    [Theory]
    [InlineData("rateLimited", 403, true)]
    [InlineData("badNonce", 400, true)]
    [InlineData("serverInternal", 500, true)]
    [InlineData("malformed", 503, true)]
    [InlineData("unauthorized", 403, false)]
    [InlineData("orderNotReady", 403, false)]
    public void It_is_known_what_passes(string type, int status, bool isPassing) =>
        Assert.Equal(isPassing, new AcmeException(new AcmeProblem($"urn:ietf:params:acme:error:{type}", null, [], null), status, null, "it").IsPassing);

    [Fact]
    public void What_is_no_JSON_is_told_as_such() => Assert.Contains("RFC 8555", Assert.Throws<AcmeException>(() => AcmeSession.Read<AcmeOrder>("<html>"u8.ToArray())).Message, StringComparison.Ordinal);
}
