using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Resolves the references between read resources and finds the ones that claim the same thing.</summary>
internal sealed class PlanBuilder(IReadOnlyCollection<Resource> resources)
{
    private static readonly string[] BuiltIn = ["/v1/chat/completions", "/v1/embeddings", "/v1/models", "/v1/messages", "/v1/responses"];

    private readonly ImmutableArray<FieldError>.Builder _errors = ImmutableArray.CreateBuilder<FieldError>();
    private readonly FrozenDictionary<string, UpstreamResource> _upstreams = ByName<UpstreamResource>(resources);
    private readonly FrozenDictionary<string, ProviderResource> _providers = ByName<ProviderResource>(resources);
    private readonly FrozenDictionary<string, SecretResource> _secrets = ByName<SecretResource>(resources);

    public CompileResult Build()
    {
        CheckCredentials();
        var models = resources.OfType<ModelResource>().Select(Compile).ToList();
        var routes = resources.OfType<RouteResource>().Select(Compile).ToList();
        CheckConflicts();
        if (_errors.Count > 0)
        {
            return new CompileResult(null, [.. _errors.OrderBy(e => e.Path, StringComparer.Ordinal)]);
        }

        var plan = new Plan
        {
            Routes = RouteTable.Build([.. routes]),
            Models = models.ToFrozenDictionary(m => m.Resource.Name, StringComparer.Ordinal),
            Upstreams = _upstreams,
            Providers = _providers,
            Policies = new PolicyTable(resources.OfType<LimitResource>(), resources.OfType<BudgetResource>()),
            SecretNames = [.. _providers.Values.SelectMany(p => p.Credentials).Select(c => c.Secret).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
        return new CompileResult(plan, []);
    }

    private static FrozenDictionary<string, T> ByName<T>(IEnumerable<Resource> resources)
        where T : Resource => resources.OfType<T>().ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);

    private T? Resolve<T>(FrozenDictionary<string, T> known, string kind, string name, string path)
        where T : Resource
    {
        if (known.TryGetValue(name, out var found))
        {
            return found;
        }

        _errors.Add(new FieldError(path, $"there is no {kind} '{name}'{Names.Suggest(name, known.Keys)}"));
        return null;
    }

    private CompiledModel Compile(ModelResource model)
    {
        var targets = ImmutableArray.CreateBuilder<CompiledTarget>();
        for (var i = 0; i < model.Targets.Length; i++)
        {
            var target = model.Targets[i];
            if (Resolve(_providers, ProviderResource.KindName, target.Provider, Path(model, "targets", i, "provider")) is { } provider)
            {
                var json = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(target.Model)}\"");
                targets.Add(new CompiledTarget(target, provider, json, $"{target.Provider}/{target.Model}"));
            }
        }

        return new CompiledModel(model, targets.Count == model.Targets.Length ? targets.ToImmutable() : []);
    }

    private CompiledRoute Compile(RouteResource route)
    {
        var parts = ImmutableArray.CreateBuilder<UpstreamResource>();
        for (var i = 0; i < route.Split.Length; i++)
        {
            if (Resolve(_upstreams, UpstreamResource.KindName, route.Split[i].Upstream, Path(route, "split", i, "upstream")) is { } upstream)
            {
                parts.Add(upstream);
            }
        }

        if (BuiltIn.Contains(route.Match.Path, StringComparer.Ordinal))
        {
            _errors.Add(new FieldError($"{RouteResource.KindName}/{route.Name}: match.path", $"'{route.Match.Path}' is served by Sluice itself; this route would never be reached"));
        }

        return new CompiledRoute(route, parts.ToImmutable());
    }

    private void CheckCredentials()
    {
        foreach (var provider in _providers.Values)
        {
            for (var i = 0; i < provider.Credentials.Length; i++)
            {
                if (provider.Credentials[i].Secret is { } secret)
                {
                    Resolve(_secrets, SecretResource.KindName, secret, Path(provider, "credentials", i, "secret"));
                }
            }
        }
    }

    private void CheckConflicts()
    {
        foreach (var route in resources.OfType<RouteResource>())
        {
            if (route.Match.Hosts.Distinct(StringComparer.Ordinal).Count() != route.Match.Hosts.Length)
            {
                _errors.Add(new FieldError($"{RouteResource.KindName}/{route.Name}: match.hosts", "names a host twice"));
            }
        }

        Twice(resources.OfType<RouteResource>().SelectMany(r => Claims(r.Match).Select(c => (c, (Resource)r))), "match", "the same requests");
        Twice(resources.OfType<LimitResource>().Select(l => (l.Subject.ToString(), (Resource)l)), "subject", "the same subject");
        Twice(resources.OfType<BudgetResource>().Select(b => ($"{b.Subject} {b.Window} {b.Unit}", (Resource)b)), "subject", "the same subject, window and unit");
    }

    // One text for each host and method that a route claims: equal texts are a conflict. Parameter names do not tell templates apart.
    private static IEnumerable<string> Claims(RouteMatch match)
    {
        var path = string.Join('/', Reading.PathTemplate.Parse(match.Path, out _)!.Value.Select(s => s.Type is Reading.PathTemplate.SegmentType.Literal ? s.Text : $"{{{s.Type}}}"));
        var conditions = string.Join('&', match.Headers.Select(h => $"h:{h.Name.ToLowerInvariant()}={string.Join(',', h.Values.Order(StringComparer.Ordinal))}")
            .Concat(match.Query.Select(q => $"q:{q.Name}={string.Join(',', q.Values.Order(StringComparer.Ordinal))}"))
            .Order(StringComparer.Ordinal));
        return from host in match.Hosts.DefaultIfEmpty("")
               from method in match.Methods.DefaultIfEmpty("")
               select $"{host} {method} {path} {conditions}";
    }

    private void Twice(IEnumerable<(string Claim, Resource Resource)> claims, string field, string what)
    {
        foreach (var group in claims.GroupBy(c => c.Claim, c => c.Resource, StringComparer.Ordinal).Where(g => g.Distinct().Count() > 1))
        {
            var names = group.Select(r => r.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            var second = group.First(r => string.Equals(r.Name, names[1], StringComparison.Ordinal));
            var error = new FieldError($"{second.Kind}/{second.Name}: {field}", $"claims {what} as {second.Kind} '{names[0]}'; change one of them");
            if (!_errors.Contains(error))
            {
                _errors.Add(error);
            }
        }
    }

    private static string Path(Resource resource, string list, int index, string field) =>
        string.Create(CultureInfo.InvariantCulture, $"{resource.Kind}/{resource.Name}: {list}[{index}].{field}");
}
