using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Prompts;

namespace Sluice.Tests.Unit.Revisions.Prompts;

/// <summary>What a Prompt may declare, what its templates may do, and that its versions stay what they were.</summary>
public sealed class PromptTests
{
    private const string Models = """
        { kind: Provider, name: p, dialect: sandbox }
        ---
        { kind: Model, name: m, targets: [{ provider: p, model: sandbox }] }
        ---

        """;

    [Theory]
    [InlineData("Sum up in {{ n }} words: {{ text | strip | upcase }}", """{"n":3,"text":" ada "}""", "Sum up in 3 words: ADA")]
    [InlineData("{% for t in tags %}{{ t.name }};{% endfor %}{% if more %}yes{% else %}no{% endif %}", """{"tags":[{"name":"a"},{"name":"b"}],"more":false}""", "a;b;no")]
    [InlineData("{{ text }} {{ data | json }}", """{"text":"<b>&","data":{"a":[1]}}""", """<b>& {"a":[1]}""")]
    public async Task Variables_are_put_into_the_text_as_they_are(string template, string variables, string text) =>
        Assert.Equal(text, await RenderAsync(template, variables));

    [Theory]
    [InlineData("{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in l %}{% assign a = a | append: a %}{% endfor %}", "filter 'append'")]
    [InlineData("{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in l %}{% assign a = a | replace: 'x', a %}{% endfor %}", "filter 'replace'")]
    [InlineData("{% assign a = l %}{% for i in l %}{% assign s = a | join: s %}{% assign a = s | split: '' %}{% endfor %}{{ a }}{{ s }}", "filter 'join'")]
    [InlineData("{% for i in l %}{% for j in l %}{% for k in l %}{% for m in l %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}", "10000 steps")]
    [InlineData("{% for i in l %}{% for j in l %}{{ big }}{% endfor %}{% endfor %}", "more text than is taken")]
    public async Task A_template_that_would_make_much_of_little_is_stopped(string template, string why)
    {
        var many = JsonSerializer.Serialize(new { l = Enumerable.Range(0, 60), big = new string('x', 1000) });
        var begun = GC.GetAllocatedBytesForCurrentThread();
        var stopped = await Assert.ThrowsAsync<PromptBoundException>(async () => await RenderAsync(template, many));
        Assert.Contains(why, stopped.Message, StringComparison.Ordinal);
        Assert.StartsWith("messages[0].content", stopped.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - begun, 0, 200_000_000);
    }

    [Theory]
    [InlineData("content: '{% include \"a\" %}'", "messages[0].content")]
    [InlineData("content: '{% capture a %}x{% endcapture %}'", "messages[0].content")]
    [InlineData("content: '{% for i in (1..1000000000) %}x{% endfor %}'", "a range such as (1..9)")]
    [InlineData("content: '{% case (1..1000000000) %}{% when 1 %}{% endcase %}'", "a range such as (1..9)")]
    [InlineData("content: '{% assign z = \"%}\" %}{{ (1..9) }}'", "within a quoted text")]
    [InlineData("content: '{{ x | conca: x }}'", "the filter 'conca'")]
    [InlineData("content: '{{ x '", "is not Liquid")]
    [InlineData("content: '{{ a[a[a[a[a[a[a[a[a[a[a[a[a[a[a[a[a[a]]]]]]]]]]]]]]]]] }}'", "brackets")]
    public void A_template_that_cannot_be_bounded_is_refused_with_its_field(string content, string why)
    {
        var errors = Errors($"{{ kind: Prompt, name: s, version: 1, model: m, messages: [{{ role: user, {content} }}] }}");
        Assert.Contains("messages[0].content", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains(why, errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_is_as_deep_as_it_may_be_and_no_deeper()
    {
        Assert.Empty(Errors(Nested(250)));
        Assert.Contains("more than 500 tags", Assert.Single(Errors(Nested(251))), StringComparison.Ordinal);

        static string Nested(int depth) =>
            $"{{ kind: Prompt, name: s, version: 1, model: m, messages: [{{ role: user, content: '{string.Concat(Enumerable.Repeat("{% if a %}", depth))}{string.Concat(Enumerable.Repeat("{% endif %}", depth))}' }}] }}";
    }

    [Theory]
    [InlineData("versions: [{ version: 1, model: m, messages: [{ role: user, content: a }] }], live: 2", "Prompt/s: live: there is no version 2; there are 1")]
    [InlineData("versions: [{ version: 1, model: m, messages: [{ role: user, content: a }] }], split: [{ version: 3 }]", "Prompt/s: split[0].version: there is no version 3; there are 1")]
    [InlineData("version: 1, model: m, messages: [{ role: robot, content: a }]", "Prompt/s: messages[0].role: ")]
    [InlineData("version: 1, model: m, messages: [{ role: user, content: a }], parameters: { temperature: 3 }", "Prompt/s: parameters.temperature: ")]
    [InlineData("version: 1, model: m, messages: [{ role: user, content: a }], variables: { type: objct }", "Prompt/s: variables: is not a JSON schema")]
    [InlineData("version: 1, model: m, messages: [{ role: user, content: a }], variables: { properties: { a: { $ref: '#' } } }", "Prompt/s: variables: has the keyword '$ref'")]
    public void What_is_wrong_is_told_with_its_field(string fields, string error) =>
        Assert.StartsWith(error, Errors($"{{ kind: Prompt, name: s, {fields} }}")[0], StringComparison.Ordinal);

    [Fact]
    public void A_model_that_is_not_there_and_a_model_of_the_same_name_are_told()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies(Models + """
            { kind: Model, name: prompt/s, targets: [{ provider: p, model: sandbox }] }
            ---
            { kind: Prompt, name: s, version: 1, model: n, messages: [{ role: user, content: a }] }
            """)).Errors.Select(e => $"{e.Path}: {e.Message}").ToArray();
        Assert.Equal(2, errors.Length);
        Assert.StartsWith("Prompt/s: model (version 1): there is no Model 'n'", errors[0], StringComparison.Ordinal);
        Assert.StartsWith("Prompt/s: name: there is a Model 'prompt/s' too", errors[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"text":"a"}""", null)]
    [InlineData("""{}""", "")]
    [InlineData("""{"text":1}""", "text")]
    [InlineData("""{"text":"a","more":1}""", "more")]
    public void Variables_are_checked_against_the_schema(string variables, string? field)
    {
        var prompt = Compile("{ kind: Prompt, name: s, version: 1, model: m, variables: { type: object, properties: { text: { type: string } }, required: [text], additionalProperties: false }, messages: [{ role: user, content: '{{ text }}' }] }");
        Assert.Equal(field, CompiledPrompt.Check(prompt.Find(1)!, JsonDocument.Parse(variables).RootElement)?.Field);
    }

    [Fact]
    public void A_split_keeps_each_caller_on_its_version_and_has_its_shares()
    {
        const string Version = "model: m, messages: [{ role: user, content: a }]";
        var prompt = Compile($"{{ kind: Prompt, name: s, versions: [{{ version: 1, {Version} }}, {{ version: 2, {Version} }}], split: [{{ version: 1, weight: 75 }}, {{ version: 2, weight: 25 }}] }}");
        var chosen = Enumerable.Range(0, 2000).Select(i => prompt.Choose($"user-{i}").Number).ToArray();
        Assert.Equal(chosen, Enumerable.Range(0, 2000).Select(i => prompt.Choose($"user-{i}").Number));
        Assert.InRange(chosen.Count(v => v == 2), 400, 600);
    }

    [Fact]
    public void A_version_that_was_published_never_changes_and_a_new_one_may_come()
    {
        var before = Declared.Bodies("{ kind: Prompt, name: s, version: 1, model: m, messages: [{ role: user, content: a }] }");
        Assert.Empty(Check(before, "versions: [{ version: 1, model: m, messages: [{ role: user, content: a }] }, { version: 2, model: m, messages: [{ role: user, content: b }] }], live: 2"));
        Assert.Equal(["Prompt/s: messages", "Prompt/s: parameters"], Check(before, "version: 1, model: m, messages: [{ role: user, content: b }], parameters: { temperature: 1 }"));
        Assert.Equal(["Prompt/s: versions[1].model"], Check(before, "versions: [{ version: 2, model: m, messages: [{ role: user, content: b }] }, { version: 1, model: n, messages: [{ role: user, content: a }] }], live: 2"));
    }

    private static string[] Check(System.Collections.Immutable.ImmutableArray<ResourceBody> before, string fields) =>
        [.. PromptHistory.Check(before, Declared.Bodies($"{{ kind: Prompt, name: s, {fields} }}")).Select(e => e.Path)];

    private static ValueTask<string> RenderAsync(string template, string variables)
    {
        var prompt = Compile($"{{ kind: Prompt, name: s, version: 1, model: m, messages: [{{ role: user, content: {JsonSerializer.Serialize(template)} }}] }}");
        return FirstAsync(prompt, JsonDocument.Parse(variables).RootElement);
    }

    private static async ValueTask<string> FirstAsync(CompiledPrompt prompt, JsonElement variables) => (await CompiledPrompt.RenderAsync(prompt.Find(1)!, variables))[0].Text;

    private static CompiledPrompt Compile(string prompt) => RevisionCompiler.Compile(Declared.Bodies(Models + prompt)).Plan!.Prompts["s"];

    private static string[] Errors(string yaml) => Declared.Errors(System.Text.Encoding.UTF8.GetString(Bundle.Parse(yaml).Resources[0]));
}
