using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>Which bodies are kept, as models and routes declare it.</summary>
public sealed class BodyLoggingTests
{
    [Theory]
    [InlineData("\"sample\":\"0%\"", "logBodies.sample: must be whole percents from 1% to 100%, such as 100%; is '0%'")]
    [InlineData("\"days\":91", "logBodies.days: ")]
    [InlineData("\"maxSize\":\"2MiB\"", "logBodies.maxSize: must be a size from 1B to 1MiB")]
    [InlineData("\"headers\":[\"Authorization\"]", "logBodies.headers[0]: 'Authorization' carries credentials, which are never logged; leave it out")]
    [InlineData("\"headers\":[\"a b\"]", "logBodies.headers[0]: must be the name of a header; is 'a b'")]
    [InlineData("\"redact\":{\"patterns\":[\"a*\"]}", "logBodies.redact.patterns[0]: matches a text of no characters")]
    [InlineData("\"redact\":{\"patterns\":[\"(\"]}", "logBodies.redact.patterns[0]: is no regular expression")]
    [InlineData("\"redact\":{\"patterns\":[\"(?=a)b\"]}", "logBodies.redact.patterns[0]: is no regular expression that runs in linear time")]
    [InlineData("\"redact\":{\"field\":[]}", "logBodies.redact.field: ")]
    public void What_is_wrong_is_told(string fields, string expected)
    {
        var errors = Declared.Errors($$$$"""{"kind":"Model","name":"m","targets":[{"provider":"p","model":"x"}],"logBodies":{{{{{fields}}}}}}""");

        Assert.Contains(errors, e => e.StartsWith($"Model/m: {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_told_is_a_week_of_all_of_everybody_and_nothing_is_kept_where_it_is_not_asked_for()
    {
        var plan = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Provider, name: p, dialect: openai, address: http://a }
            ---
            { kind: Model, name: kept, targets: [{ provider: p, model: x }], logBodies: {} }
            ---
            { kind: Model, name: not, targets: [{ provider: p, model: x }] }
            """)).Plan!;

        var kept = plan.Models["kept"].LogBodies!.Declared;
        Assert.Equal((100, 7, BodyLogging.UsualSize, 0, 0), (kept.Sample, kept.Days, kept.MaxSize, kept.Tenants.Length, kept.Headers.Length));
        Assert.Null(plan.Models["not"].LogBodies);
    }
}
