using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>What requests of a route must carry, ready to be asked of them.</summary>
public sealed class CompiledValidation
{
    private readonly ImmutableArray<(ValidatedValue Asked, ValueText Value)> _path;

    public CompiledValidation(RouteValidation declared, string match)
    {
        Declared = declared;
        _path = [.. declared.Path.Select(p => (p, ValueText.Of($"{{{p.Name}}}", match)))];
    }

    /// <summary>As declared.</summary>
    public RouteValidation Declared { get; }

    /// <summary>The parameters of a request's path that are asked for, with their texts, decoded.</summary>
    public IEnumerable<(ValidatedValue Asked, string Text)> PathOf(RequestValues request) => _path.Select(p => (p.Asked, p.Value.Fill(request, static value => value)));
}
