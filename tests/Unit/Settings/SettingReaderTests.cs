using Sluice.Revisions;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Settings;

public sealed class SettingReaderTests
{
    [Theory]
    [InlineData("""{"kind":"Setting","name":"s"}""", "Setting/s: values: is missing")]
    [InlineData("""{"kind":"Setting","name":"s","values":[]}""", "Setting/s: values: must be an object, is a list")]
    [InlineData("""{"kind":"Setting","name":"s","values":{}}""", "Setting/s: values: is an empty object")]
    [InlineData("""{"kind":"Setting","name":"s","values":{"a":{}}}""", "Setting/s: values.a: is an empty object")]
    [InlineData("""{"kind":"Setting","name":"s","values":{"a":null}}""", "Setting/s: values.a: is null")]
    [InlineData("""{"kind":"Setting","name":"s","values":{"a":[1,null]}}""", "Setting/s: values.a[1]: is null")]
    [InlineData("""{"kind":"Setting","name":"s","values":{"a":{"b:c":1}}}""", "Setting/s: values.a.b:c: a key is 1 to 128 characters")]
    [InlineData("""{"kind":"Setting","name":"s","values":{"host":1,"Host":2}}""", "Setting/s: values.Host: differs from 'host' by case only")]
    [InlineData("""{"kind":"Setting","name":"s","values":{"host":1,"host":2}}""", "Setting/s: values.host: stands here twice")]
    [InlineData("""{"kind":"Setting","name":"s","values":{"a":1},"proflie":"x"}""", "Setting/s: proflie: unknown field 'proflie'; did you mean 'profile'?")]
    [InlineData("""{"kind":"Setting","name":"s","app":"a b","values":{"a":1}}""", "Setting/s: app: must be 1 to 63 of A-Z")]
    [InlineData("""{"kind":"Setting","name":"s","app":"Application","values":{"a":1}}""", "Setting/s: app: 'Application' is how clients of Spring Cloud Config call what all share")]
    [InlineData("""{"kind":"Flag","name":"f"}""", "Flag/f: default: is missing")]
    [InlineData("""{"kind":"Flag","name":"f","default":{}}""", "Flag/f: default: must be a text, a number, true or false, is an object")]
    [InlineData("""{"kind":"Flag","name":"f","default":false,"rules":[{"value":true}]}""", "Flag/f: rules[0].subjects: exactly one of subjects and share must be there")]
    [InlineData("""{"kind":"Flag","name":"f","default":false,"rules":[{"share":5,"value":"on"}]}""", "Flag/f: rules[0].value: must be of the default's type (false), is \"on\"")]
    [InlineData("""{"kind":"Flag","name":"f","default":false,"rules":[{"share":10001,"value":true}]}""", "Flag/f: rules[0].share: must be a whole number from 1 to 10000, is 10001")]
    [InlineData("""{"kind":"Flag","name":"f","default":1,"rules":[{"share":9000,"value":2},{"share":1001,"value":3}]}""", "Flag/f: rules: the shares make 10001 together")]
    public void One_mistake_gives_one_precise_error(string json, string expected)
    {
        var error = Assert.Single(Declared.Errors(json));
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_are_bounded()
    {
        var long1 = new string('x', 300_000);
        Assert.Contains("bytes, at most 262144", Assert.Single(Declared.Errors($$$"""{"kind":"Setting","name":"s","values":{"a":"{{{long1}}}"}}""")), StringComparison.Ordinal);
        var many = string.Join(',', Enumerable.Range(0, 5_001).Select(i => $"\"k{i}\":1"));
        Assert.Contains("more than 5000 values", Assert.Single(Declared.Errors($$$"""{"kind":"Setting","name":"s","values":{{{{many}}}}}""")), StringComparison.Ordinal);
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 17)) + "1" + new string('}', 17);
        Assert.Contains("is nested deeper than 16", Assert.Single(Declared.Errors($$$"""{"kind":"Setting","name":"s","values":{{{deep}}}}""")), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_settings_of_one_application_and_profile_conflict()
    {
        var result = RevisionCompiler.Compile(Declared.Bodies("""
            kind: Setting
            name: one
            app: orders
            values: { a: 1 }
            ---
            kind: Setting
            name: two
            app: Orders
            values: { b: 1 }
            """));

        var error = Assert.Single(result.Errors);
        Assert.Equal("Setting/two: app", error.Path);
        Assert.Contains("claims the same application and profile as Setting 'one'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_as_YAML_reads_back_as_the_same()
    {
        var before = Declared.Bodies("""
            kind: Setting
            name: orders
            app: orders
            values: { on: "yes", list: [1, { a: [] }], nested: { text: "a: b", number: 1.5, "Microsoft.AspNetCore": Warning } }
            ---
            kind: Flag
            name: new-checkout
            default: false
            rules: [{ subjects: [ada], value: true }, { share: 500, value: true }]
            """);
        using var text = new StringWriter();
        BundleWriter.WriteYaml(text, before.Select(b => System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(b.Json)));

        Assert.Equal(before.Select(b => b.Hash), Declared.Bodies(text.ToString()).Select(b => b.Hash));
    }
}
