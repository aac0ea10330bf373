using System.Net.Http.Headers;
using System.Text.Json;
using Sluice.Tests.Chaos.Reload;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Accounts;

/// <summary>Clients that spend what the budgets of <see cref="Witness"/> give, and an operator who raises them now and then.</summary>
internal sealed class Spending : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RaiseEvery = TimeSpan.FromSeconds(5);
    private readonly Witness _witness;
    private readonly AdminApi _admin;
    private readonly History _history;
    private readonly (string Tenant, string Key)[] _keys;
    private long _sent;

    private Spending(Witness witness, AdminApi admin, History history, (string, string)[] keys) => (_witness, _admin, _history, _keys) = (witness, admin, history, keys);

    /// <summary>Applies the budgets and makes the tenants.</summary>
    public static async Task<Spending> StartAsync(Witness witness, AdminApi admin, History history)
    {
        await admin.ApplyAsync(witness.Bundle);
        var keys = new List<(string, string)>();
        foreach (var tenant in witness.Accounts.Keys)
        {
            keys.Add((tenant, (await admin.CreateTenantAsync(tenant)).Key));
        }

        return new Spending(witness, admin, history, [.. keys]);
    }

    /// <summary>One client of one start of an edge, until that ends.</summary>
    public async Task SpendAsync(EdgeProcess edge, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested && !edge.IsEnded)
        {
            var (tenant, key) = _keys[random.Next(_keys.Length)];
            await SendAsync(edge, tenant, key, random.Next(2) is 0, random.Next(1, 200));
            await Task.Delay(Pace, TimeProvider.System);
        }
    }

    /// <summary>Raises a budget now and then: whoever asks meanwhile is refused or not, and none gets more than the greatest.</summary>
    public async Task RaiseAsync(Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var account = _witness.Accounts.Values.ElementAt(random.Next(_witness.Accounts.Count));
            account.Raise();
            try
            {
                var (status, _) = await _admin.SendAsync(HttpMethod.Post, "apply", account.Budget, "application/yaml");
                _history.Count(FormattableString.Invariant($"budgets raised, answered {(int)status}"));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                _history.Count("budgets raised, without an answer");
            }

            await Task.Delay(RaiseEvery, TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _admin.Dispose();

    private async Task SendAsync(EdgeProcess edge, string tenant, string key, bool stream, int most)
    {
        var call = Interlocked.Increment(ref _sent);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Headers = { { "sluice-tags", FormattableString.Invariant($"call={call}") } },
            Content = Gateway.Json(JsonSerializer.Serialize(new
            {
                model = Account.Model, max_tokens = most, stream, messages = new[] { new { role = "user", content = FormattableString.Invariant($"{tenant} {call} tell me a story") } },
            })),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            var (status, body) = await edge.SendAsync(request);
            _history.Count(FormattableString.Invariant($"requests that spend a budget: {status}{Reason(status, body)}"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            _history.Count("requests that spend a budget, without an answer");
        }
    }

    private static string Reason(int status, string body) => status is not 429 ? "" : body.Contains("insufficient_quota", StringComparison.Ordinal) ? " insufficient_quota" : " for another reason";
}
