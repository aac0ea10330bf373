namespace Sluice.Tests.Unit.Revisions;

public sealed class ResourceReaderTests
{
    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_its_path()
    {
        var errors = Declared.Errors("""
            {"kind":"Route","name":"checkout","match":{"path":"orders","methods":["get"]},"split":[{"upstream":"v1","wieght":5},{"upstream":"v2","weight":-3}]}
            """);
        Assert.Equal(4, errors.Length);
        Assert.Contains(errors, e => e.StartsWith("Route/checkout: match.path: must begin with '/'", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.StartsWith("Route/checkout: match.methods[0]: must be one of GET", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.StartsWith("Route/checkout: split[0].wieght: unknown field 'wieght'; did you mean 'weight'?", StringComparison.Ordinal));
        Assert.Contains("Route/checkout: split[1].weight: must be a whole number from 0 to 1000000, is -3", errors);
    }

    [Theory]
    [InlineData("""{"kind":"Ruote","name":"a"}""", "resource: kind: there is no kind 'Ruote'; did you mean 'Route'?")]
    [InlineData("""{"kind":"Route"}""", "resource: name: is missing")]
    [InlineData("""{"kind":"Route","name":"A b"}""", "resource: name: must be 1 to 63 of")]
    [InlineData("""[]""", ": must be an object with kind and name")]
    [InlineData("""{"kind":"Route" "name":"x"}""", ": is not JSON: line 1, byte 17")]
    [InlineData("""{"kind":"Upstream","name":"a","addresses":["ftp://x"]}""", "Upstream/a: addresses[0]: must be an address such as")]
    [InlineData("""{"kind":"Upstream","name":"a","addresses":[]}""", "Upstream/a: addresses: must have at least one entry")]
    [InlineData("""{"kind":"Upstream","name":"a","addresses":["http://x"],"timeouts":{"connect":"5"}}""", "Upstream/a: timeouts.connect: must be a time from 1ms to 1m")]
    [InlineData("""{"kind":"Upstream","name":"a","addresses":["http://x"],"name":"a"}""", "Upstream/a: name: stands here twice")]
    [InlineData("""{"kind":"Provider","name":"p","dialect":"sandbox","address":"http://x"}""", "Provider/p: address: has no effect with dialect sandbox")]
    [InlineData("""{"kind":"Provider","name":"p","preset":"grok"}""", "Provider/p: preset: must be one of openai, anthropic, ")]
    [InlineData("""{"kind":"Provider","name":"p","preset":"azure-openai"}""", "Provider/p: address: ")]
    [InlineData("""{"kind":"Provider","name":"p","address":"http://x","header":"a b"}""", "Provider/p: header: must be the name of a header")]
    [InlineData("""{"kind":"Provider","name":"p","dialect":"openai","address":"http://x","credentials":[{}]}""", "Provider/p: credentials[0].secret: exactly one of secret and env must be there")]
    [InlineData("""{"kind":"Model","name":"m","targets":[{"provider":"p","model":"x","priority":2}]}""", "Model/m: targets[0].priority: has no effect with strategy weighted")]
    [InlineData("""{"kind":"Model","name":"m","targets":[{"provider":"p","model":" "}]}""", "Model/m: targets[0].model: is blank")]
    [InlineData("""{"kind":"Model","name":"m","targets":[{"provider":"p","model":"x"}],"price":{"input":"1 EUR","output":"1 USD"}}""", "Model/m: price.input: must be an amount such as")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/acme","amount":{"tokens":5,"requests":1},"window":{"every":"day"}}""", "Budget/b: amount: must have exactly one of")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"team/acme","amount":{"tokens":5},"window":{"every":"day"}}""", "Budget/b: subject: must be workspace, organisation/<name>")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"rolling"}}""", "Budget/b: window.length: must be there with every: rolling")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"rolling","length":"5m"}}""", "Budget/b: window.length: must be a time from 10m to 366d")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"day","length":"24h"}}""", "Budget/b: window.length: has no effect but with every: rolling")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"day"},"warnAt":["80"]}""", "Budget/b: warnAt: must be whole percents from 1% to 100%")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"day"},"whenUnreachable":"openUpTo"}""", "Budget/b: whenUnreachable: openUpTo needs its amount")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"day"},"whenUnreachable":{"openUpTo":0}}""", "Budget/b: whenUnreachable.openUpTo: must be a whole number from 1")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"day"},"reservation":"worst"}""", "Budget/b: reservation: must be one of worstCase, adaptive")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"requests":5},"window":{"every":"day"},"reservation":"adaptive"}""", "Budget/b: reservation: cannot be adaptive where requests are counted")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"day"},"mode":"soft","reservation":"adaptive"}""", "Budget/b: reservation: has no effect with mode soft")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","for":{"model":"m","route":"r"},"amount":{"tokens":5},"window":{"every":"day"}}""", "Budget/b: for: must have exactly one of model, route and product")]
    [InlineData("""{"kind":"Product","name":"p"}""", "Product/p: models: a product has at least one of models and routes")]
    [InlineData("""{"kind":"Product","name":"p","models":["m","m"]}""", "Product/p: models[1]: 'm' stands here twice")]
    [InlineData("""{"kind":"Product","name":"p","models":[],"routes":["r"]}""", "Product/p: models: is an empty list; leave the field out")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"user/acme/a|b","amount":{"tokens":5},"window":{"every":"day"}}""", "Budget/b: subject: must be workspace, organisation/<name>")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"user/acme/a/b","amount":{"tokens":5},"window":{"every":"day"}}""", "Budget/b: subject: must be workspace, organisation/<name>")]
    [InlineData("""{"kind":"Budget","name":"b","subject":"tenant/*","amount":{"tokens":5},"window":{"every":"day","zone":"Mars/Olympus"}}""", "Budget/b: window.zone: must be an IANA time zone")]
    [InlineData("""{"kind":"Cache","name":"c","size":"1MB"}""", "Cache/c: size: must be a size from 1B to 64GiB")]
    [InlineData("""{"kind":"Cache","name":"c","size":"1MiB","largestAnswer":"2MiB"}""", "Cache/c: largestAnswer: is more than the cache holds; at most 1MiB")]
    [InlineData("""{"kind":"Cache","name":"c","maxAge":"1m","age":"2m"}""", "Cache/c: age: must be a time from 1s to 1m")]
    [InlineData("""{"kind":"Cache","name":"c","per":"ip"}""", "Cache/c: per: must be one of tenant, user, key")]
    [InlineData("""{"kind":"Route","name":"r","match":{"path":"/x"},"cache":"c","respond":{"status":200}}""", "Route/r: cache: has no effect beside respond")]
    [InlineData("""{"kind":"Webhook","name":"w","url":"gopher://x","events":["budget.warning"],"secrets":["s"]}""", "Webhook/w: url: must be an address such as")]
    [InlineData("""{"kind":"Webhook","name":"w","url":"https://safe.example.com@169.254.169.254/x","events":["budget.warning"],"secrets":["s"]}""", "Webhook/w: url: must have no query, fragment or user")]
    [InlineData("""{"kind":"Webhook","name":"w","url":"https://x","events":["budget.warned"],"secrets":["s"]}""", "Webhook/w: events[0]: must be one of budget.warning, budget.exhausted, subscription.requested, subscription.approved, subscription.rejected, subscription.withdrawn, alert.firing, alert.resolved; is 'budget.warned'; did you mean 'budget.warning'?")]
    [InlineData("""{"kind":"Webhook","name":"w","url":"https://x","events":[],"secrets":["s"]}""", "Webhook/w: events: must have at least one entry")]
    [InlineData("""{"kind":"Webhook","name":"w","url":"https://x","events":["budget.warning"]}""", "Webhook/w: secrets: is missing")]
    [InlineData("""{"kind":"Webhook","name":"w","url":"https://x","events":["budget.warning"],"secrets":["a"],"tenant":"a/b"}""", "Webhook/w: tenant: is no tenant's name: 1 to 63 of")]
    [InlineData("""{"kind":"Webhook","name":"w","url":"https://x","events":["budget.warning"],"secrets":["a","b","c"]}""", "Webhook/w: secrets: must be one Secret, or two while the first is replaced")]
    [InlineData("""{"kind":"Workspace","name":"default","whenUnreachable":"open"}""", "Workspace/default: whenUnreachable: must be one of static, closed")]
    [InlineData("""{"kind":"Workspace","name":"default","strict":true,"whenUnreachable":"static"}""", "Workspace/default: whenUnreachable: cannot be static with strict: true")]
    [InlineData("""{"kind":"Workspace","name":"default","strict":true,"maxStale":"10m"}""", "Workspace/default: maxStale: has no effect where an edge without a lease admits nothing")]
    [InlineData("""{"kind":"Workspace","name":"default","whenUnreachable":"closed","maxStale":"10m"}""", "Workspace/default: maxStale: has no effect where an edge without a lease admits nothing")]
    [InlineData("""{"kind":"Workspace","name":"default","maxStale":"0s"}""", "Workspace/default: maxStale: must be a time from 1s to 365d")]
    [InlineData("""{"kind":"Limit","name":"l","subject":"tenant/*"}""", "Limit/l: requests: at least one of requests, tokens and concurrent must be there")]
    public void One_mistake_gives_one_precise_error(string json, string expected)
    {
        var error = Assert.Single(Declared.Errors(json));
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nested_too_deep_is_refused_and_nothing_is_thrown()
    {
        var deep = $$"""{"kind":"Route","name":"a","match":{{string.Concat(Enumerable.Repeat("[", 100))}}{{string.Concat(Enumerable.Repeat("]", 100))}}}""";
        Assert.Contains("nested deeper than 64", Assert.Single(Declared.Errors(deep)), StringComparison.Ordinal);
    }
}
