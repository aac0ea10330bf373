using Sluice.Edge.Targets;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Edge.Targets;

/// <summary>Models as tests declare them.</summary>
internal static class Models
{
    /// <summary>A model with the lines that follow its name.</summary>
    public static CompiledModel Compile(string lines) => CompileAll(lines).Plan.Models["m"];

    /// <summary>The revision of that model.</summary>
    public static Compilation CompileAll(string lines)
    {
        var providers = string.Join("\n---\n", new[] { "a", "b", "c" }.Select(name => $"kind: Provider\nname: {name}\naddress: https://{name}.example/v1"));
        var bundle = $"""
            {providers}
            ---
            kind: Model
            name: m
            {lines}
            """;
        var compiled = RevisionCompiler.Compile(Sluice.Tests.Unit.Revisions.Declared.Bodies(bundle));
        Assert.Empty(compiled.Errors);
        return compiled.Compilation!;
    }

    /// <summary>A model of three targets with a strategy, each with the fields given.</summary>
    public static CompiledModel OfThree(string strategy, string a = "", string b = "", string c = "", string more = "") => Compile(ThreeLines(strategy, a, b, c, more));

    /// <summary>Its lines.</summary>
    public static string ThreeLines(string strategy, string a = "", string b = "", string c = "", string more = "") => $$"""
        strategy: {{strategy}}
        targets: [{ provider: a, model: a{{a}} }, { provider: b, model: b{{b}} }, { provider: c, model: c{{c}} }]
        {{more}}
        """;

    /// <summary>States of three targets of which nothing is known.</summary>
    public static TargetState[] States() => [new(), new(), new()];
}
