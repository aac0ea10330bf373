using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Compiles what a revision would be with the change of its canary, beside what it is.</summary>
internal static class CanaryCompiler
{
    /// <summary>The revision with its canary; or all that is wrong with the canary.</summary>
    /// <param name="compiled">The revision, compiled without it.</param>
    /// <param name="canary">Its canary.</param>
    public static CompileResult Add(Compilation compiled, CanaryResource canary)
    {
        var errors = canary.Remove.Select((key, i) => (key, i)).Where(removed => RevisionCompiler.Find(compiled.Resources, removed.key) is null)
            .Select(removed => new FieldError(
                string.Create(CultureInfo.InvariantCulture, $"{CanaryResource.KindName}/{canary.Name}: remove[{removed.i}]"), $"there is no {removed.key.Kind} '{removed.key.Name}'"))
            .ToImmutableArray();
        if (!errors.IsEmpty)
        {
            return new CompileResult(null, errors);
        }

        var resources = RevisionCompiler.Apply(compiled.Resources, canary.Put, [.. canary.Remove, new ResourceKey(CanaryResource.KindName, canary.Name)]);
        var result = RevisionCompiler.Compile(RevisionContent.Of(resources, compiled.Content), compiled);
        if (result.Compilation is not { } changed)
        {
            return new CompileResult(null, [.. result.Errors.Select(error => new FieldError($"{CanaryResource.KindName}/{canary.Name}: put: {error.Path}", error.Message))]);
        }

        var plan = compiled.Plan with
        {
            Canary = new CompiledCanary(canary, changed),
            SecretNames = [.. compiled.Plan.SecretNames.Union(changed.Plan.SecretNames, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
        return new CompileResult(new Compilation(compiled.Content, compiled.Read, plan), []);
    }
}
