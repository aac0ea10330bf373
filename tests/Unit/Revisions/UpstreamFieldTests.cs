using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>An upstream's fields, as they are read: what is refused, with the field, why, and what would be right.</summary>
public sealed class UpstreamFieldTests
{
    [Theory]
    [InlineData("\"retry\":{\"attempts\":1}", "retry.attempts: must be a whole number from 2 to 5, is 1")]
    [InlineData("\"retry\":{\"on\":[]}", "retry.on: must have at least one entry")]
    [InlineData("\"retry\":{\"on\":[\"refused\"]}", "retry.on[0]: must be connect, reset, timeout, or a status: 408, 425, 429, 500 to 599; is \"refused\"")]
    [InlineData("\"retry\":{\"on\":[404]}", "retry.on[0]: must be connect, reset, timeout, or a status: 408, 425, 429, 500 to 599; is 404")]
    [InlineData("\"retry\":{\"on\":[503,\"reset\",503]}", "retry.on[2]: 503 stands here twice")]
    [InlineData("\"retry\":{\"on\":[true]}", "retry.on[0]: must be a text or a number, is true or false")]
    [InlineData("\"retry\":{\"budget\":\"120%\"}", "retry.budget: ")]
    [InlineData("\"retry\":{\"tryTimeout\":\"0s\"}", "retry.tryTimeout: must be a time from 1ms to 1h")]
    [InlineData("\"retry\":{\"tries\":3}", "retry.tries: unknown field 'tries'")]
    [InlineData("\"ejection\":{\"inARow\":0}", "ejection.inARow: must be a whole number from 1 to 1000, is 0")]
    [InlineData("\"ejection\":{\"share\":\"0%\"}", "ejection.share: ")]
    [InlineData("\"ejection\":{\"time\":\"10m\",\"longest\":\"1m\"}", "ejection.longest: must not be shorter than time, which is the first ejection's")]
    [InlineData("\"circuit\":{}", "circuit.maxRequests: one of maxRequests and maxConnections must be there: without them nothing is bounded")]
    [InlineData("\"circuit\":{\"maxConnections\":5,\"maxPending\":1}", "circuit.maxPending: counts those that wait for maxRequests; give that too, or leave it out")]
    [InlineData("\"protocol\":\"http2\",\"circuit\":{\"maxConnections\":5}", "circuit.maxConnections: has no effect with protocol http2, whose requests share connections; give maxRequests instead")]
    [InlineData("\"loadBalancing\":\"fastest\"", "loadBalancing: must be one of powerOfTwoChoices, roundRobin, leastRequests, random, hash; is 'fastest'")]
    [InlineData("\"loadBalancing\":\"hash\"", "hash: is missing")]
    [InlineData("\"hash\":{\"by\":\"address\"}", "hash: has no effect with loadBalancing: powerOfTwoChoices; set loadBalancing: hash, or leave it out")]
    [InlineData("\"loadBalancing\":\"hash\",\"hash\":{\"by\":\"header\"}", "hash.name: is missing")]
    [InlineData("\"loadBalancing\":\"hash\",\"hash\":{\"by\":\"subject\",\"name\":\"x\"}", "hash.name: has no effect with by: subject; leave it out")]
    [InlineData("\"loadBalancing\":\"hash\",\"hash\":{\"by\":\"cookie\",\"name\":\"a b\"}", "hash.name: 'a b' is not the name of a cookie")]
    [InlineData("\"loadBalancing\":\"hash\",\"hash\":{\"by\":\"address\"},\"slowStart\":\"10s\"", "slowStart: has no effect with loadBalancing: hash, which keeps each value on its address; leave it out")]
    [InlineData("\"slowStart\":\"10ms\"", "slowStart: must be a time from 1s to 1h")]
    [InlineData("\"health\":{}", "health.active: is missing")]
    [InlineData("\"health\":{\"active\":{\"path\":\"//elsewhere\"}}", "health.active.path: must begin with one '/', is '//elsewhere'")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"unhealthy\":0}}", "health.active.unhealthy: must be a whole number from 1 to 100, is 0")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"statuses\":[\"2xx\"]}}", "health.active.statuses[0]: must be a status such as 204, or several such as \"200-399\"; is \"2xx\"")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"statuses\":[\"300-200\"]}}", "health.active.statuses[0]: must be a status such as 204, or several such as \"200-399\"; is \"300-200\"")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"host\":\"a:80\"}}", "health.active.host: must be a host name such as orders.internal, without scheme or port; is 'a:80'")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"port\":70000}}", "health.active.port: must be a whole number from 1 to 65535, is 70000")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"headers\":{\"authorization\":\"x\"}}}", "health.active.headers.authorization: carries credentials, which are not declared in clear: let what is probed answer without")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"headers\":{\"host\":\"x\"}}}", "health.active.headers.host: is said by host")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"headers\":{\"a b\":\"x\"}}}", "health.active.headers.a b: is not the name of a header")]
    [InlineData("\"health\":{\"active\":{\"path\":\"/\",\"headers\":{\"x-a\":\"a\\nb\"}}}", "health.active.headers.x-a: has a character that no header can carry")]
    [InlineData("\"timeouts\":{\"connect\":\"2m\"}", "timeouts.connect: must be a time from 1ms to 1m")]
    [InlineData("\"weights\":[1]", "weights: unknown field 'weights'")]
    public void What_is_wrong_is_told(string fields, string expected)
    {
        var errors = Declared.Errors($$"""{"kind":"Upstream","name":"u","addresses":["http://a"],{{fields}}}""");

        Assert.Contains(errors, e => e.StartsWith($"Upstream/u: {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_right_is_read()
    {
        var read = (UpstreamResource)ResourceReader.Read(Assert.Single(Declared.Bodies("""
            kind: Upstream
            name: u
            addresses: [http://a]
            slowStart: 1m
            health: { active: { path: /live, healthy: 2, unhealthy: 3, statuses: [204, "300-399"], host: a.test, port: 9000, headers: { x-probe: [a, b] } } }
            """)).Json).Resource!;

        Assert.Equal(TimeSpan.FromMinutes(1), read.SlowStart);
        var health = read.Health!;
        Assert.Equal((2, 3, "a.test", 9000), (health.Healthy, health.Unhealthy, health.Host, health.Port));
        Assert.Equal([new StatusRange(204, 204), new StatusRange(300, 399)], health.Statuses);
        Assert.Equal([new NamedText("x-probe", "a"), new NamedText("x-probe", "b")], health.Headers);
    }
}
