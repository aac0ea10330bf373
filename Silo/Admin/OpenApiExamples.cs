using System.Text.Json.Nodes;

namespace Sluice.Silo.Admin;

/// <summary>Examples for the description of the API. Those of bodies are accepted as they stand, in the order of this file.</summary>
internal static class OpenApiExamples
{
    private static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["put-upstreams"] = """{"addresses":["http://10.0.0.2:8080"],"health":{"active":{"path":"/healthz","interval":"5s"}}}""",
        ["put-routes"] = """{"match":{"path":"/checkout/{**rest}"},"split":[{"upstream":"example"}]}""",
        ["put-secrets"] = """{"value":"the provider's key"}""",
        ["put-providers"] = """{"dialect":"openai","address":"https://api.openai.com/v1","credentials":[{"secret":"example"}]}""",
        ["put-models"] = """{"targets":[{"provider":"example","model":"gpt-4o-mini"}],"price":{"input":"0.15 USD","output":"0.60 USD"}}""",
        ["put-products"] = """{"models":["example"],"access":"subscription","approval":"manual"}""",
        ["put-issuers"] = """{"issuer":"https://login.example.com","audiences":["https://api.example.com"],"claims":{"tenant":"org"}}""",
        ["put-budgets"] = """{"subject":"tenant/example","amount":{"tokens":1000000},"window":{"every":"day","zone":"Europe/Berlin"},"mode":"hard"}""",
        ["put-prices"] = """{"includes":"list","markUp":{"all":50000},"entries":[{"model":"llama-*","input":"0.10 USD","output":"0.30 USD"},{"model":"flux","image":"0.02 USD"}]}""",
        ["put-webhooks"] = """{"url":"https://hooks.example.com/sluice","events":["budget.warning","budget.exhausted"],"secrets":["example"]}""",
        ["put-alerts"] = """{"metric":"sluice.edge.request.duration","value":"p95","over":"5m","above":0.5,"for":"2m","severity":"warning","send":["example"]}""",
        ["silence-alert"] = """{"alert":"example","for":"2h","reason":"the provider has told of it"}""",
        ["put-caches"] = """{"size":"128MiB","age":"1m","staleWhileRevalidate":"30s","staleIfError":"1h","waitForSame":"10s"}""",
        ["purge-cache"] = """{"tenant":"example","path":"/checkout/*"}""",
        ["put-canaries"] = """{"share":100,"by":"user","put":[{"kind":"Model","name":"example","targets":[{"provider":"example","model":"gpt-4.1-mini"}]}]}""",
        ["put-certificate-authorities"] = """{"directory":"https://acme-v02.api.letsencrypt.org/directory","contacts":["ops@example.com"],"termsAgreed":true}""",
        ["put-limits"] = """{"subject":"tenant/example","requests":{"per":"minute","amount":600,"burst":60},"concurrent":50}""",
        ["put-settings"] = """{"app":"example","profile":"production","values":{"database":{"host":"db-1.internal","port":5432}}}""",
        ["put-flags"] = """{"app":"example","default":false,"rules":[{"subjects":["ada"],"value":true},{"share":500,"value":true}]}""",
        ["put-workspaces"] = """{"whenUnreachable":"static","maxStale":"10m"}""",
        ["apply"] = """
            [{"kind":"Upstream","name":"example","addresses":["http://10.0.0.2:8080","http://10.0.0.3:8080"]},
             {"kind":"Upstream","name":"example-v2","addresses":["http://10.0.0.4:8080"]},
             {"kind":"Route","name":"example","match":{"path":"/checkout/{**rest}"},"split":[{"upstream":"example","weight":9500},{"upstream":"example-v2","weight":500}]}]
            """,
        ["rollback"] = """{"to":1,"reason":"v2 was slow"}""",
        ["start-rollout"] = """
            {"route":"example","from":"example","to":"example-v2","steps":[{"share":1000,"hold":"10m"},{"share":5000,"hold":"10m"},{"share":10000}],
             "guards":{"errorRate":{"worse":0.01},"latency":{"quantile":0.95,"ratio":1.2}}}
            """,
        ["rerate-usage"] = """{"from":"2026-01-01","to":"2026-01-31","price":"list"}""",
        ["explain"] = """{"method":"GET","path":"/checkout/7?coupon=x","headers":{"x-user-id":"42"},"revision":1}""",
        ["replay"] = """{"changes":[{"kind":"Upstream","name":"example","addresses":["http://10.0.0.9:8080"]}]}""",
        ["create-tenant"] = """{"name":"example","displayName":"Example and Sons"}""",
        ["create-key"] = """{"name":"checkout service","models":["gpt-*"]}""",
        ["rotate-key"] = """{"overlap":"24h"}""",
        ["request-subscription"] = """{"product":"example","note":"for the new shop"}""",
        ["approve-subscription"] = """{"reason":"contract 4711"}""",
        ["reject-subscription"] = """{"reason":"no contract yet"}""",
        ["withdraw-subscription"] = """{"reason":"the contract has ended"}""",
        ["hold-call-bodies"] = """{"tenant":"example","user":"ada","why":"matter 2026-17","until":"2040-01-31T00:00:00Z"}""",
        ["create-admin-key"] = """{"name":"ci","role":"operator"}""",
    };

    private static readonly Dictionary<Type, string> Answers = new()
    {
        [typeof(Problem)] = """
            {"type":"urn:sluice:problem:invalid-resource","title":"The resources are not valid","status":400,"detail":"One thing is wrong.",
             "errors":[{"path":"Route/checkout: split[0].upstream","message":"there is no Upstream 'chekout'; did you mean 'checkout'?"}]}
            """,
        [typeof(ApplyAnswer)] = """
            {"revision":42,"hash":"6b3a55e0261b0304143f805a24924d0c1c44524821305f31d9277843b8a10f4e","dryRun":false,
             "changes":[{"type":"changed","kind":"Route","name":"checkout"}],"barrier":"complete","edges":{"activated":2,"lapsed":[]},
             "phases":{"check":"1.2ms","store":"1.0ms","prepare":"3.8ms","commit":"1.1ms","barrier":"3.4ms"}}
            """,
        [typeof(PromptResultsAnswer)] = """
            {"prompt":"summary","from":"2026-01-25","to":"2026-01-31","baseline":1,
             "versions":[
              {"version":1,"requests":1200,"failures":3,"failureRate":{"value":0.0025,"low":0.000585,"high":0.007725},"inputTokens":37200,"outputTokens":14400,"cost":"0.01422",
               "latency":{"p50":810.2,"p95":1420.9,"mean":861.4},"scores":[{"name":"helpful","count":90,"mean":{"value":0.6,"low":0.496613,"high":0.694876}}]},
              {"version":2,"requests":1180,"failures":2,"failureRate":{"value":0.001695,"low":0.000086,"high":0.006671},"inputTokens":41300,"outputTokens":11800,"cost":"0.013275",
               "latency":{"p50":702.5,"p95":1301.7,"mean":744.0},"scores":[{"name":"helpful","count":88,"mean":{"value":0.829545,"low":0.736626,"high":0.894676}}]}],
             "targets":[],
             "differences":[{"version":2,"failureRate":{"value":-0.000805,"low":-0.004994,"high":0.003363},"latency":{"value":-117.4,"low":-149.8,"high":-85.0},
               "costPerRequest":{"value":-0.0000006,"low":-0.0000011,"high":-0.0000001},"scores":[{"name":"helpful","mean":{"value":0.229545,"low":0.097115,"high":0.352059}}]}]}
            """,
        [typeof(ModelResultsAnswer)] = """
            {"model":"assistant","from":"2026-01-25","to":"2026-01-31","baseline":"anthropic/claude-haiku-4-5",
             "targets":[
              {"target":"anthropic/claude-haiku-4-5","attempts":1210,"attemptFailures":14,"attemptFailureRate":{"value":0.01157,"low":0.006678,"high":0.019529},"requests":1196,"failures":3,"failureRate":{"value":0.002508,"low":0.000587,"high":0.007751},
               "inputTokens":37200,"outputTokens":14400,"cost":"0.01422","latency":{"p50":810.2,"p95":1420.9,"mean":861.4},"scores":[{"name":"helpful","count":90,"mean":{"value":0.6,"low":0.496613,"high":0.694876}}]},
              {"target":"openai/gpt-5-mini","attempts":1180,"attemptFailures":2,"attemptFailureRate":{"value":0.001695,"low":0.000086,"high":0.006671},"requests":1180,"failures":2,"failureRate":{"value":0.001695,"low":0.000086,"high":0.006671},
               "inputTokens":41300,"outputTokens":11800,"cost":"0.013275","latency":{"p50":702.5,"p95":1301.7,"mean":744.0},"scores":[{"name":"helpful","count":88,"mean":{"value":0.829545,"low":0.736626,"high":0.894676}}]}],
             "differences":[{"target":"openai/gpt-5-mini","failureRate":{"value":-0.000813,"low":-0.005013,"high":0.00337},"latency":{"value":-117.4,"low":-149.8,"high":-85.0},
               "costPerRequest":{"value":-0.0000006,"low":-0.0000011,"high":-0.0000001},"scores":[{"name":"helpful","mean":{"value":0.229545,"low":0.097115,"high":0.352059}}]}]}
            """,
        [typeof(SettingsAnswer)] = """
            {"app":"orders","profiles":["production"],"revision":42,"values":{"database":{"host":"db-1.internal","port":5432}},
             "flags":{"new-checkout":{"value":true,"reason":"share"}}}
            """,
    };

    /// <summary>An example of an operation's body, or null.</summary>
    public static JsonNode? OfBody(string operation) => Parse(Bodies.GetValueOrDefault(operation));

    /// <summary>An example of an answer's type, or null.</summary>
    public static JsonNode? Of(Type type) => Parse(Answers.GetValueOrDefault(type));

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
}
