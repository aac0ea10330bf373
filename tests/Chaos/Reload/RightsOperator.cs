using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>Makes and revokes keys, suspends and resumes a tenant, and keeps what clients are to send: rights that are there, and those that were taken a while ago.</summary>
internal sealed class RightsOperator : IDisposable
{
    /// <summary>The tenant of most keys.</summary>
    public const string Tenant = "checked";

    private const int MostKeys = 6;
    private const int MostTries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan TriedFor = TimeSpan.FromSeconds(8);
    private readonly AdminApi[] _admins;
    private readonly History _history;
    private readonly ConcurrentQueue<(Right Right, string Id)> _keys = new();
    private readonly ConcurrentQueue<(Right Right, long Since)> _taken = new();
    private readonly Right _lasting;
    private volatile SuspendedTenant? _suspended;
    private int _made;
    private int _turn;

    private RightsOperator(AdminApi[] admins, History history, Right lasting) => (_admins, _history, _lasting) = (admins, history, lasting);

    private AdminApi Admin => _admins[Interlocked.Increment(ref _turn) % _admins.Length];

    public static async Task<RightsOperator> StartAsync(IEnumerable<AdminApi> admins, History history)
    {
        AdminApi[] all = [.. admins];
        var lasting = new Right("the key that stays", (await all[0].CreateTenantAsync(Tenant)).Key);
        lasting.Begin(given: true);
        lasting.Return();
        return new RightsOperator(all, history, lasting);
    }

    /// <summary>A right for the next request: one that is there, or that was taken not long ago.</summary>
    public Right Choose(Random random)
    {
        while (_taken.TryPeek(out var old) && TimeProvider.System.GetElapsedTime(old.Since) > TriedFor)
        {
            _taken.TryDequeue(out _);
        }

        Right[] all = [_lasting, .. _keys.Select(k => k.Right), .. _taken.Select(k => k.Right), .. _suspended is { } suspended ? new[] { suspended.Right } : []];
        return all[random.Next(all.Length)];
    }

    /// <summary>Gives and takes until it is ended.</summary>
    public async Task RunAsync(Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            if (random.Next(3) == 0)
            {
                await SuspendOrResumeAsync();
            }
            else if (_keys.Count < MostKeys && random.Next(2) == 0)
            {
                await MakeKeyAsync();
            }
            else
            {
                await RevokeAsync();
            }

            await Task.Delay(Pause * (1 + random.Next(3)), TimeProvider.System);
        }
    }

    public void Dispose() => Array.ForEach(_admins, admin => admin.Dispose());

    private async Task MakeKeyAsync()
    {
        if (await SendAsync("keys made", HttpMethod.Post, $"tenants/{Tenant}/keys", "{}") is { } answer)
        {
            var right = new Right($"key {answer.GetProperty("id").GetString()}", answer.GetProperty("key").GetString()!);
            right.Begin(given: true);
            right.Return();
            _keys.Enqueue((right, answer.GetProperty("id").GetString()!));
        }
    }

    // Its clients go on. Nothing is promised until the call has returned, so it is made again.
    private async Task RevokeAsync()
    {
        if (!_keys.TryDequeue(out var key))
        {
            return;
        }

        await TakeAsync(key.Right, "keys revoked", HttpMethod.Delete, $"tenants/{Tenant}/keys/{key.Id}");
        _taken.Enqueue((key.Right, TimeProvider.System.GetTimestamp()));
    }

    private async Task<bool> TakeAsync(Right right, string what, HttpMethod method, string path)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            right.Begin(given: false);
            if (await SendAsync(what, method, path, null) is not null)
            {
                right.Return();
                return true;
            }
        }

        return false;
    }

    // A tenant that was not certainly resumed is left alone: that may come into force at any time.
    private async Task SuspendOrResumeAsync()
    {
        if (_suspended is not { } known)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"suspended-{++_made}");
            if (await SendAsync("tenants made", HttpMethod.Post, "tenants", JsonSerializer.Serialize(new { name })) is not null
                && await SendAsync("keys made", HttpMethod.Post, $"tenants/{name}/keys", "{}") is { } key)
            {
                var right = new Right($"tenant {name}", key.GetProperty("key").GetString()!);
                right.Begin(given: true);
                right.Return();
                _suspended = new SuspendedTenant(right, name);
            }

            return;
        }

        if (!known.Right.IsTakenNow)
        {
            _suspended = await TakeAsync(known.Right, "tenants suspended", HttpMethod.Post, $"tenants/{known.Tenant}/suspend") ? known : null;
            return;
        }

        known.Right.Begin(given: true);
        if (await SendAsync("tenants resumed", HttpMethod.Post, $"tenants/{known.Tenant}/resume", null) is not null)
        {
            known.Right.Return();
        }
        else
        {
            _suspended = null;
        }
    }

    private async Task<JsonElement?> SendAsync(string what, HttpMethod method, string path, string? body)
    {
        try
        {
            var (status, answer) = await Admin.SendAsync(method, path, body);
            if ((int)status < 300)
            {
                _history.Count(what);
                return answer;
            }

            _history.Count(string.Create(CultureInfo.InvariantCulture, $"{what}, but answered {(int)status} {answer.GetProperty("type").GetString()!.Split(':')[^1]}"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            _history.Count($"{what}, but without an answer");
        }

        return null;
    }

    private sealed record SuspendedTenant(Right Right, string Tenant);
}
