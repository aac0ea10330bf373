using Sluice.Revisions;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>What a model says of its targets, and what of it is wrong.</summary>
public sealed class TargetReaderTests
{
    private const string Two = """[{"provider":"p","model":"x"},{"provider":"p","model":"y"}]""";

    [Theory]
    [InlineData("\"strategy\":\"fastest\"", Two, "strategy: must be one of weighted, priority, sticky, leastLatency, cheapest, leastUsed; is 'fastest'")]
    [InlineData("\"strategy\":\"leastLatency\"", """[{"provider":"p","model":"x","weight":2}]""", "targets[0].weight: has no effect with strategy leastLatency; leave it out")]
    [InlineData("\"strategy\":\"sticky\"", """[{"provider":"p","model":"x","priority":2}]""", "targets[0].priority: has no effect with strategy sticky; leave it out")]
    [InlineData("\"strategy\":\"sticky\"", """[{"provider":"p","model":"x","weight":0}]""", "targets: has no weight above 0; at least one target must be asked")]
    [InlineData("\"strategy\":\"sticky\",\"sticky\":{\"by\":\"header\"}", Two, "sticky.name: is missing")]
    [InlineData("\"strategy\":\"sticky\",\"sticky\":{\"by\":\"key\",\"name\":\"x\"}", Two, "sticky.name: has no effect with by: key; leave it out")]
    [InlineData("\"strategy\":\"sticky\",\"sticky\":{\"by\":\"cookie\"}", Two, "sticky.by: must be one of key, user, header; is 'cookie'")]
    [InlineData("\"sticky\":{\"by\":\"key\"}", Two, "sticky: has no effect with strategy weighted; leave it out")]
    [InlineData("\"strategy\":\"leastUsed\"", """[{"provider":"p","model":"x"},{"provider":"p","model":"x"}]""", "targets: names 'p/x' twice; strategy leastUsed cannot tell one from the other")]
    [InlineData("\"attempts\":0", Two, "attempts: must be a whole number from 1 to 10, is 0")]
    [InlineData("\"timeouts\":{\"firstToken\":\"0s\"}", Two, "timeouts.firstToken: must be a time from 1ms to 1d, written as 200ms, 5s, 2m or 1h; is '0s'")]
    [InlineData("\"hedge\":{}", Two, "hedge.after: is missing")]
    [InlineData("\"hedge\":{\"wholeAfter\":\"2h\"}", Two, "hedge.wholeAfter: must be a time from 1ms to 1h, written as 200ms, 5s, 2m or 1h; is '2h'")]
    [InlineData("\"hedge\":{\"after\":\"1s\",\"most\":2}", Two, "hedge.most: must be a whole number from 1 to 1, is 2")]
    [InlineData("\"hedge\":{\"after\":\"1s\"},\"attempts\":1", Two, "hedge: has no effect with attempts: 1; leave it out")]
    [InlineData("\"hedge\":{\"after\":\"1s\"}", """[{"provider":"p","model":"x"}]""", "hedge: has no effect with one target; leave it out")]
    [InlineData("\"timeouts\":{\"first\":\"1s\"}", Two, "timeouts.first: unknown field 'first'")]
    [InlineData("\"attempts\":2", """[{"provider":"p","model":"x","supports":["tools","images"]}]""", "targets[0].supports[1]: must be one of text, tools, vision, jsonSchema; is 'images'")]
    [InlineData("\"attempts\":2", """[{"provider":"p","model":"x","contextTokens":0}]""", "targets[0].contextTokens: must be a whole number from 1 to 100000000, is 0")]
    public void What_is_wrong_is_told_by_its_field(string fields, string targets, string error)
    {
        var errors = Declared.Errors($$"""{"kind":"Model","name":"m",{{fields}},"targets":{{targets}}}""");
        Assert.Contains(errors, told => told.StartsWith($"Model/m: {error}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"credentials":[{"env":"A","weight":2}],"rotation":"leastUsed"}""", "rotation: has no effect with less than two credentials; leave it out")]
    [InlineData("""{"credentials":[{"env":"A","weight":2},{"env":"B"}],"rotation":"leastUsed"}""", "credentials[0].weight: has no effect with rotation leastUsed; leave it out")]
    [InlineData("""{"credentials":[{"env":"A","weight":0}]}""", "credentials[0].weight: must be a whole number from 1 to 1000000, is 0")]
    [InlineData("""{"ejection":{"failures":0}}""", "ejection.failures: must be a whole number from 1 to 1000, is 0")]
    [InlineData("""{"ejection":{"share":0}}""", "ejection.share: must be a number from 0.01 to 1, is 0")]
    [InlineData("""{"ejection":{"first":"20s","longest":"10s"}}""", "ejection.longest: must be a time from 20s to 1d, written as 200ms, 5s, 2m or 1h; is '10s'")]
    [InlineData("""{"ejection":{"within":"0s"}}""", "ejection.within: must be a time from 1s to 1h, written as 200ms, 5s, 2m or 1h; is '0s'")]
    public void So_is_what_is_wrong_with_credentials_and_ejection(string fields, string error)
    {
        var errors = Declared.Errors($$"""{"kind":"Provider","name":"p","address":"https://p.example/v1",{{fields[1..^1]}}}""");
        Assert.Contains($"Provider/p: {error}", errors);
    }

    [Theory]
    [InlineData("price: none", "Model/m: targets[0].model: has no price, by which strategy cheapest chooses; name a Price, or list")]
    [InlineData("price: { input: \"1 USD\", output: \"1 USD\" }", "Model/m: price: is one for all targets, so that none is the cheapest; name a Price, or list")]
    public void The_cheapest_must_be_known(string price, string error)
    {
        var compiled = RevisionCompiler.Compile(Declared.Bodies($$"""
            kind: Provider
            name: p
            address: https://p.example/v1
            ---
            kind: Model
            name: m
            strategy: cheapest
            targets: [{ provider: p, model: x }, { provider: p, model: y }]
            {{price}}
            """));
        Assert.Contains(error, compiled.Errors.Select(e => $"{e.Path}: {e.Message}"));
    }
}
