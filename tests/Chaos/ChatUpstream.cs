using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos;

/// <summary>A provider that bills one token in and one token out for each request, so that tokens count what it answered.</summary>
internal static class ChatUpstream
{
    /// <summary>The model's name.</summary>
    public const string Model = "counted";

    /// <summary>Starts it.</summary>
    public static Task<Upstream> StartAsync() => Upstream.StartAsync((http, _) =>
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync("""
            {"id":"c","object":"chat.completion","created":1,"model":"counted","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],
             "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
            """);
    });

    /// <summary>A bundle that leads there, with a budget of which each tenant must borrow.</summary>
    public static string Bundle(Upstream upstream) => $$"""
        kind: Provider
        name: counted
        dialect: openai
        address: {{upstream.Address}}/v1
        ---
        kind: Model
        name: {{Model}}
        targets: [{ provider: counted, model: counted }]
        ---
        kind: Budget
        name: each
        subject: tenant/*
        amount: { requests: 1000000 }
        window: { every: month }
        """;

    /// <summary>A client's request.</summary>
    public static StringContent Request() => Gateway.Json($$"""{"model":"{{Model}}","messages":[{"role":"user","content":"Hello"}]}""");
}
