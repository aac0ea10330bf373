using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Rollouts;

/// <summary>A route over two real upstreams, of which the old one has all, and short words for rollouts on it.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly Upstream _old;
    private readonly Upstream _new;

    private Shop(Gateway gateway, string name, Upstream old, Upstream next) => (Gateway, Name, _old, _new) = (gateway, name, old, next);

    public Gateway Gateway { get; }

    /// <summary>Of the route, and the first part of the upstreams' names.</summary>
    public string Name { get; }

    public string Path => $"/{Name}";

    /// <summary>Declares the route.</summary>
    /// <param name="gateway">On which.</param>
    /// <param name="name">Of the route.</param>
    /// <param name="everyFails">Each how manyth answer of the new upstream is 500; 0: none.</param>
    public static async Task<Shop> OpenAsync(Gateway gateway, string name, int everyFails = 0)
    {
        var asked = 0;
        var old = await Upstream.StartAsync("old");
        var next = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = everyFails > 0 && Interlocked.Increment(ref asked) % everyFails == 0 ? 500 : 200;
            return http.Response.WriteAsync("new");
        });
        await gateway.ApplyAsync($$"""
            kind: Upstream
            name: {{name}}-old
            addresses: ["{{old.Address}}"]
            ---
            kind: Upstream
            name: {{name}}-new
            addresses: ["{{next.Address}}"]
            ---
            kind: Route
            name: {{name}}
            match: { path: "/{{name}}" }
            split:
              - { upstream: {{name}}-old, weight: 3 }
              - { upstream: {{name}}-new, weight: 0 }
            sticky: { by: header, name: x-user-id }
            """);
        return new Shop(gateway, name, old, next);
    }

    /// <summary>Begins a rollout of the route's name.</summary>
    public Task<JsonElement> StartAsync(object steps, int minimum = 20, object? guards = null)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = Name, ["route"] = Name, ["from"] = $"{Name}-old", ["to"] = $"{Name}-new", ["steps"] = steps, ["guards"] = guards ?? new { errorRate = new { worse = 0.01 } }, ["minimumRequests"] = minimum,
        };
        return Gateway.Admin.PostAsync("rollouts", body);
    }

    public Task<JsonElement> GetAsync() => Gateway.Admin.GetAsync($"rollouts/{Name}");

    public Task<JsonElement> SteerAsync(string verb) => Gateway.Admin.PostAsync($"rollouts/{Name}/{verb}");

    /// <summary>Waits for a state, and for a step where one is named.</summary>
    public async Task<JsonElement> ReachesAsync(string state, int? step = null)
    {
        JsonElement rollout = default;
        await Eventually.TrueAsync(
            async () => IsAt(rollout = await GetAsync(), state, step),
            $"rollout {Name} is {state}{(step is { } number ? FormattableString.Invariant($" at step {number}") : "")}; it was {rollout}");
        return rollout;
    }

    /// <summary>The weights now: old, new.</summary>
    public async Task<(int Old, int New)> WeightsAsync()
    {
        var split = (await Gateway.Admin.GetAsync($"routes/{Name}")).GetProperty("split");
        return (split[0].GetProperty("weight").GetInt32(), split[1].GetProperty("weight").GetInt32());
    }

    public async ValueTask DisposeAsync()
    {
        await _old.DisposeAsync();
        await _new.DisposeAsync();
    }

    private static bool IsAt(JsonElement rollout, string state, int? step) =>
        string.Equals(rollout.GetProperty("state").GetString(), state, StringComparison.Ordinal) && (step is null || rollout.GetProperty("step").GetInt32() == step);
}
