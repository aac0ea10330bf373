using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Tests.EndToEnd.Accounts;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Workspaces;

/// <summary>The revision as clients of all edges read it, and as it is published: what each saw, and whether there is an order in which all of it could have happened at one place.</summary>
internal sealed class Register : IAsyncDisposable
{
    private const int ClientsOfEach = 4;
    private readonly Fleet _fleet;
    private readonly Upstream _upstream;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Seen> _seen = [];
    private readonly Task[] _clients;
    private int _version;

    private Register(Fleet fleet, Upstream upstream)
    {
        (_fleet, _upstream) = (fleet, upstream);
        _clients = [.. fleet.Edges.SelectMany(edge => Enumerable.Repeat(edge, ClientsOfEach)).Select(edge => Task.Run(() => ReadAlwaysAsync(edge)))];
    }

    public Fleet Fleet => _fleet;

    /// <summary>All that clients saw so far.</summary>
    public IReadOnlyCollection<Seen> Reads => _seen;

    public static async Task<Register> StartAsync(int edges, bool strict)
    {
        var upstream = await Upstream.StartAsync("there");
        var fleet = await Fleet.StartAsync(edges);
        await fleet.ApplyAsync($$"""
            kind: Workspace
            name: default
            strict: {{(strict ? "true" : "false")}}
            ---
            {{upstream.Bundle}}
            """);
        return new Register(fleet, upstream);
    }

    /// <summary>Publishes another revision; what the admin API answered.</summary>
    public async Task<(int Status, string Barrier)> WriteAsync()
    {
        var sent = TimeProvider.System.GetTimestamp();
        var (status, answer) = await _fleet.Admin.SendAsync(HttpMethod.Put, "upstreams/changing", string.Create(CultureInfo.InvariantCulture, $$"""{"addresses":["http://127.0.0.1:{{++_version}}"]}"""));
        if ((int)status is not 200)
        {
            return ((int)status, "");
        }

        // Whoever was told of a revision has seen it.
        _seen.Add(new Seen("publisher", sent, TimeProvider.System.GetTimestamp(), answer.GetProperty("revision").GetInt64(), 200, IsStale: false));
        return (200, answer.GetProperty("barrier").GetString()!);
    }

    /// <summary>No more reads.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients);
    }

    /// <summary>Reads that began after another one had ended, and were served under a lesser revision than that one.</summary>
    public IReadOnlyList<string> Regressions()
    {
        var served = _seen.Where(s => s is { Status: 200, IsStale: false }).ToArray();
        var ended = served.OrderBy(s => s.Ended).ToArray();
        var (next, greatest) = (0, ended[0]);
        var found = new List<string>();
        foreach (var read in served.OrderBy(s => s.Sent))
        {
            for (; next < ended.Length && ended[next].Ended < read.Sent; next++)
            {
                greatest = ended[next].Revision > greatest.Revision || next == 0 ? ended[next] : greatest;
            }

            if (next > 0 && read.Revision < greatest.Revision)
            {
                found.Add($"{read.Edge} served {read.Revision} after {greatest.Edge} had served {greatest.Revision}");
            }
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _fleet.DisposeAsync();
        await _upstream.DisposeAsync();
        _end.Dispose();
    }

    private async Task ReadAlwaysAsync(SluiceProcess edge)
    {
        using var client = Fleet.Client(edge, "");
        while (!_end.IsCancellationRequested)
        {
            var sent = TimeProvider.System.GetTimestamp();
            using var answer = await client.GetAsync("/there");
            _seen.Add(new Seen(edge.Edge.Authority, sent, TimeProvider.System.GetTimestamp(), Gateway.RevisionOf(answer), (int)answer.StatusCode, answer.Headers.Contains("sluice-stale")));
        }
    }
}

/// <summary>What one client saw.</summary>
/// <param name="Sent">When, on the one monotonic clock of the test.</param>
/// <param name="Ended">When the answer was there.</param>
internal sealed record Seen(string Edge, long Sent, long Ended, long Revision, int Status, bool IsStale);
