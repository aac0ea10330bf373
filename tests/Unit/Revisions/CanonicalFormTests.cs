using Sluice.Revisions;

namespace Sluice.Tests.Unit.Revisions;

public sealed class CanonicalFormTests
{
    private const string Yaml = """
        kind: Upstream
        name: orders
        addresses: [http://10.0.0.1:80]
        timeouts: { connect: 1s }
        ---
        # Models may be called as providers call them.
        kind: Model
        name: meta-llama/Llama-3
        targets:
          - { provider: p, model: "no", weight: 3 }
        """;

    private const string Json = """
        [{"name":"orders","timeouts":{"connect":"1s"},"addresses":["http://10.0.0.1:80"],"kind":"Upstream"},
         {"targets":[{"weight":3,"model":"no","provider":"p"}],"kind":"Model","name":"meta-llama/Llama-3"}]
        """;

    [Fact]
    public void The_same_content_has_the_same_hash_whatever_its_spelling()
    {
        Assert.Equal(RevisionCompiler.Hash(Declared.Bodies(Yaml)), RevisionCompiler.Hash(Declared.Bodies(Json)));
        Assert.Equal(RevisionCompiler.Hash(Declared.Bodies(Yaml)), RevisionCompiler.Hash([.. Declared.Bodies(Yaml).Reverse()]));
    }

    [Fact]
    public void A_changed_value_has_another_hash()
    {
        Assert.NotEqual(RevisionCompiler.Hash(Declared.Bodies(Yaml)), RevisionCompiler.Hash(Declared.Bodies(Yaml.Replace("1s", "2s", StringComparison.Ordinal))));
    }

    [Fact]
    public void What_is_canonical_stays_as_it_is()
    {
        foreach (var body in Declared.Bodies(Yaml))
        {
            Assert.Equal(body.Hash, ResourceReader.Read(body.Json).Body!.Hash);
        }
    }

    [Theory]
    [InlineData("kind: Route\n  name: x", "line 2")]
    [InlineData("- a\n- b", "line 1, column 1")]
    [InlineData("[1]", "[0]")]
    [InlineData("[{]", "line 1")]
    public void A_bundle_that_cannot_be_read_says_where(string text, string place)
    {
        var parsed = Bundle.Parse(text);
        Assert.StartsWith(place, Assert.Single(parsed.Errors).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_cannot_make_a_small_bundle_great()
    {
        var lines = new List<string> { "a0: &a0 [x,x,x,x,x,x,x,x,x,x]" };
        lines.AddRange(Enumerable.Range(1, 7).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]"));
        Assert.NotEmpty(Bundle.Parse(string.Join('\n', lines)).Errors);
    }
}
