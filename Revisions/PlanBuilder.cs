using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Prices;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Settings;

namespace Sluice.Revisions;

/// <summary>Resolves the references between read resources and finds the ones that claim the same thing.</summary>
internal sealed class PlanBuilder(IReadOnlyCollection<Resource> resources)
{
    private readonly ImmutableArray<FieldError>.Builder _errors = ImmutableArray.CreateBuilder<FieldError>();
    private readonly FrozenDictionary<string, UpstreamResource> _upstreams = ByName<UpstreamResource>(resources);
    private readonly FrozenDictionary<string, CacheResource> _caches = ByName<CacheResource>(resources);
    private readonly FrozenDictionary<string, ProviderResource> _providers = ByName<ProviderResource>(resources);
    private readonly FrozenDictionary<string, SecretResource> _secrets = ByName<SecretResource>(resources);
    private readonly FrozenDictionary<string, CertificateResource> _certificates = ByName<CertificateResource>(resources);
    private readonly FrozenDictionary<string, PriceTable> _prices = resources.OfType<PriceResource>().ToFrozenDictionary(
        p => p.Name, p => new PriceTable(p.Name, p.Entries, p.MarkUps, included: p.IncludesList ? ListedPrices.Table : null), StringComparer.Ordinal);

    private readonly CountedNames _counted = new(resources);

    private readonly ProductTable _products = new(resources.OfType<ProductResource>());
    private readonly SettingsTable _settings = new(resources.OfType<SettingResource>(), resources.OfType<FlagResource>());

    /// <summary>The plan, or all that is wrong.</summary>
    public (Plan? Plan, ImmutableArray<FieldError> Errors) Build()
    {
        CheckSecrets();
        var models = resources.OfType<ModelResource>().Select(Compile).ToList();
        var routes = resources.OfType<RouteResource>().Select(route => RouteCompiler.Compile(route, _upstreams, _caches, _products, _settings, _errors)).ToList();
        CheckPrompts();
        _errors.AddRange(_counted.Check());
        _errors.AddRange(_counted.CheckReplaced());
        CheckConflicts();
        if (_errors.Count > 0)
        {
            return (null, [.. _errors.OrderBy(e => e.Path, StringComparer.Ordinal)]);
        }

        var plan = new Plan
        {
            Routes = RouteTable.Build([.. routes.Where(r => r.Resource.Lifecycle.Stage is not Stage.Draft)]),
            Drafts = routes.Exists(r => r.Resource.Lifecycle.Stage is Stage.Draft) ? RouteTable.Build([.. routes.Where(r => r.Resource.Lifecycle.Stage is Stage.Draft)]) : null,
            Products = _products,
            Models = models.ToFrozenDictionary(m => m.Resource.Name, StringComparer.Ordinal),
            PublishedPrompts = resources.OfType<PromptResource>().Where(p => p.PublishPath is not null).DistinctBy(p => p.PublishPath, StringComparer.Ordinal).ToFrozenDictionary(p => p.PublishPath!, p => p.Name, StringComparer.Ordinal),
            Prompts = resources.OfType<PromptResource>().Select(p => new CompiledPrompt(p)).ToFrozenDictionary(p => p.Resource.Name, StringComparer.Ordinal),
            Upstreams = _upstreams,
            Caches = _caches,
            Providers = _providers,
            Issuers = resources.OfType<IssuerResource>().ToFrozenDictionary(i => i.Url, StringComparer.Ordinal),
            Prices = _prices,
            Policies = _counted.Table(),
            Settings = _settings,
            Workspace = resources.OfType<WorkspaceResource>().FirstOrDefault() ?? WorkspaceResource.Undeclared,
            Certificates = [.. resources.OfType<CertificateResource>()],
            ChallengedHosts = CertificateReferences.ChallengedHosts(_certificates.Values),
            SecretNames = [.. _providers.Values.SelectMany(p => p.Credentials).Select(c => c.Secret).OfType<string>()
                .Concat(resources.OfType<CertificateResource>().SelectMany(c => c.Secrets).Concat(_upstreams.Values.SelectMany(u => u.Tls?.Secrets ?? [])).Select(s => s.Secret)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
        return (plan, []);
    }

    private static FrozenDictionary<string, T> ByName<T>(IEnumerable<Resource> resources)
        where T : Resource => resources.OfType<T>().ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);

    /// <summary>What a reference names; what is not there is noted.</summary>
    internal static T? Resolve<T>(FrozenDictionary<string, T> known, string kind, string name, string path, ImmutableArray<FieldError>.Builder errors)
        where T : Resource
    {
        if (known.TryGetValue(name, out var found))
        {
            return found;
        }

        errors.Add(new FieldError(path, $"there is no {kind} '{name}'{Names.Suggest(name, known.Keys)}"));
        return null;
    }

    private CompiledModel Compile(ModelResource model)
    {
        var targets = ImmutableArray.CreateBuilder<CompiledTarget>();
        for (var i = 0; i < model.Targets.Length; i++)
        {
            var target = model.Targets[i];
            if (Resolve(_providers, ProviderResource.KindName, target.Provider, Path(model, "targets", i, "provider"), _errors) is { } provider)
            {
                var json = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(target.Model)}\"");
                targets.Add(new CompiledTarget(
                    target, provider, json, $"{target.Provider}/{target.Model}", PricesOf(model, i, provider), model.Tokenizer ?? Vocabularies.Of(target.Model), ImageRule.Of(target.Model)));
            }
        }

        CheckCheapest(model, targets);
        if (model.Lifecycle.Successor is { } successor && !resources.Any(r => r is ModelResource && string.Equals(r.Name, successor, StringComparison.Ordinal)))
        {
            _errors.Add(new FieldError(
                $"{model.Kind}/{model.Name}: deprecation.successor", $"there is no {model.Kind} '{successor}'{Names.Suggest(successor, resources.OfType<ModelResource>().Select(m => m.Name))}"));
        }

        return new CompiledModel(model, targets.Count == model.Targets.Length ? targets.ToImmutable() : []) { Offer = Offer.Of(model.Lifecycle, _products.OfModel(model.Name)), Cache = CacheOf(model) };
    }

    private CacheResource? CacheOf(ModelResource model)
    {
        var cache = model.Cache is { } named ? Resolve(_caches, CacheResource.KindName, named, $"{model.Kind}/{model.Name}: cache", _errors) : null;
        if (cache is not null && CacheSharing.Check(model, cache) is { } wrong)
        {
            _errors.Add(wrong);
        }

        return cache;
    }

    private void CheckCheapest(ModelResource model, ImmutableArray<CompiledTarget>.Builder targets)
    {
        if (model.Strategy is not TargetStrategy.Cheapest || targets.Count != model.Targets.Length)
        {
            return;
        }

        if (model.Pricing.Source is PricingSource.Own && targets.Count > 1)
        {
            _errors.Add(new FieldError($"{model.Kind}/{model.Name}: price", "is one for all targets, so that none is the cheapest; name a Price, or list"));
        }

        for (var i = 0; i < targets.Count; i++)
        {
            // A table that lacks it was told of already.
            if (targets[i].Prices is null && model.Pricing.Source is not (PricingSource.List or PricingSource.Table))
            {
                _errors.Add(new FieldError(Path(model, "targets", i, "model"), "has no price, by which strategy cheapest chooses; name a Price, or list"));
            }
        }
    }

    private PriceSchedule? PricesOf(ModelResource model, int index, ProviderResource provider)
    {
        var name = model.Targets[index].Model;
        var (pricing, path) = (model.Pricing, Path(model, "targets", index, "model"));
        switch (pricing.Source)
        {
            case PricingSource.Own:
                return new PriceSchedule($"{ModelResource.KindName}/{model.Name}", pricing.Price!);
            case PricingSource.None:
                return null;
            case PricingSource.Known:
                return ListedPrices.Find(provider, name, byName: false);
            case PricingSource.List:
                return Priced(ListedPrices.Find(provider, name, byName: true), "the shipped price list", path, provider, name);
            default:
                if (_prices.TryGetValue(pricing.Table!, out var table))
                {
                    return Priced(table.Find(provider, name), $"{PriceResource.KindName} '{table.Name}'", path, provider, name);
                }

                Note(new FieldError(
                    $"{model.Kind}/{model.Name}: price", $"there is no {PriceResource.KindName} '{pricing.Table}'{Names.Suggest(pricing.Table!, [.. _prices.Keys, PriceResource.List, PriceResource.None])}"));
                return null;
        }
    }

    private PriceSchedule? Priced(PriceSchedule? found, string table, string path, ProviderResource provider, string model)
    {
        if (found is null)
        {
            _errors.Add(new FieldError(path, $"{table} has no price for '{model}' of provider '{provider.Name}'; add an entry, or give the model a price of its own"));
        }

        return found;
    }

    private void CheckSecrets()
    {
        foreach (var webhook in resources.OfType<WebhookResource>())
        {
            for (var i = 0; i < webhook.Secrets.Length; i++)
            {
                Resolve(_secrets, SecretResource.KindName, webhook.Secrets[i], string.Create(CultureInfo.InvariantCulture, $"{webhook.Kind}/{webhook.Name}: secrets[{i}]"), _errors);
            }
        }

        var webhooks = resources.OfType<WebhookResource>().ToFrozenDictionary(w => w.Name, StringComparer.Ordinal);
        foreach (var alert in resources.OfType<AlertResource>())
        {
            for (var i = 0; i < alert.Send.Length; i++)
            {
                Resolve(webhooks, WebhookResource.KindName, alert.Send[i], string.Create(CultureInfo.InvariantCulture, $"{alert.Kind}/{alert.Name}: send[{i}]"), _errors);
            }
        }

        CertificateReferences.Check(_certificates, ByName<CertificateAuthorityResource>(resources), _secrets, _errors);

        foreach (var upstream in _upstreams.Values.Where(u => u.Tls is not null))
        {
            foreach (var (field, secret) in upstream.Tls!.Secrets)
            {
                Resolve(_secrets, SecretResource.KindName, secret, $"{upstream.Kind}/{upstream.Name}: {field}", _errors);
            }

            if (upstream.Tls.Own?.Certificate is { } certificate)
            {
                Resolve(_certificates, CertificateResource.KindName, certificate, $"{upstream.Kind}/{upstream.Name}: tls.clientCertificate.certificate", _errors);
            }
        }

        foreach (var provider in _providers.Values)
        {
            for (var i = 0; i < provider.Credentials.Length; i++)
            {
                if (provider.Credentials[i].Secret is { } secret)
                {
                    Resolve(_secrets, SecretResource.KindName, secret, Path(provider, "credentials", i, "secret"), _errors);
                }
            }
        }
    }

    private void CheckPrompts()
    {
        var models = ByName<ModelResource>(resources);
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var prompt in resources.OfType<PromptResource>())
        {
            if (prompt.PublishPath is { } path && !paths.TryAdd(path, prompt.Name))
            {
                _errors.Add(new FieldError($"{prompt.Kind}/{prompt.Name}: publish.path", $"is the path of the prompt '{paths[path]}' too; change one of them"));
            }

            foreach (var version in prompt.Versions)
            {
                Resolve(models, ModelResource.KindName, version.Model, string.Create(CultureInfo.InvariantCulture, $"{prompt.Kind}/{prompt.Name}: model (version {version.Number})"), _errors);
            }

            if (models.ContainsKey(prompt.ModelName))
            {
                _errors.Add(new FieldError($"{prompt.Kind}/{prompt.Name}: name", $"there is a Model '{prompt.ModelName}' too, and callers could not tell the two apart; change one of them"));
            }
        }
    }

    private void CheckConflicts()
    {
        Twice(ClaimsOf(resources.OfType<RouteResource>().Where(r => r.Lifecycle.Stage is not Stage.Draft)), "match", "the same requests");
        Twice(ClaimsOf(resources.OfType<RouteResource>().Where(r => r.Lifecycle.Stage is Stage.Draft)), "match", "the same requests");
        Twice(resources.OfType<LimitResource>().Select(l => ($"{l.Subject} {l.For}", (Resource)l)), "subject", "the same subject");
        Twice(resources.OfType<IssuerResource>().Select(i => (i.Url, (Resource)i)), "issuer", "the same tokens");
        Twice(resources.OfType<SettingResource>().Select(s => ($"{s.App} {s.Profile}".ToLowerInvariant(), (Resource)s)), "app", "the same application and profile");
        Twice(resources.OfType<CanaryResource>().Select(t => ("", (Resource)t)), "name", "the one canary that a workspace has at a time");
        Twice(resources.OfType<WorkspaceResource>().Select(w => ("", (Resource)w)), "name", "the workspace's own choices");
        Twice(resources.OfType<BudgetResource>().Select(b => ($"{b.Subject} {b.For} {b.Window} {b.Unit}", (Resource)b)), "subject", "the same subject, window and unit");
    }

    private void Twice(IEnumerable<(string Claim, Resource Resource)> claims, string field, string what)
    {
        foreach (var group in claims.GroupBy(c => c.Claim, c => c.Resource, StringComparer.Ordinal).Where(g => g.Distinct().Count() > 1))
        {
            var names = group.Select(r => r.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            var second = group.First(r => string.Equals(r.Name, names[1], StringComparison.Ordinal));
            Note(new FieldError($"{second.Kind}/{second.Name}: {field}", $"claims {what} as {second.Kind} '{names[0]}'; change one of them"));
        }
    }

    private void Note(FieldError error)
    {
        if (!_errors.Contains(error))
        {
            _errors.Add(error);
        }
    }

    private static IEnumerable<(string Claim, Resource Route)> ClaimsOf(IEnumerable<RouteResource> routes) =>
        routes.SelectMany(route => RouteClaims.Of(route.Match).Select(claim => (claim, (Resource)route)));

    /// <summary>Where a field of a list stands.</summary>
    internal static string Path(Resource resource, string list, int index, string field) =>
        string.Create(CultureInfo.InvariantCulture, $"{resource.Kind}/{resource.Name}: {list}[{index}].{field}");
}
