using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance.Replays;

/// <summary>All recordings, each sent once through one running gateway (streams twice: with and without usage asked for), and what the gateway counted.</summary>
public sealed class ReplayedRecordings : IAsyncLifetime
{
    // Cut everywhere, so that events come in pieces; deterministic, so that a failure comes again.
    private static readonly int[] PieceSizes = [1, 700, 64, 3, 4096, 17];

    private readonly Dictionary<(string Id, bool AsksForUsage), Replay> _replays = [];
    private Gateway _gateway = null!;
    private Upstream _upstream = null!;

    /// <summary>How one recording went through.</summary>
    public Replay Of(string id, bool asksForUsage) => _replays[(id, asksForUsage)];

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(AnswerAsync);
        _gateway = await Gateway.StartAsync();
        await _gateway.ApplyAsync(string.Join("\n---\n", Recording.All.Select(Declare)));
        using var client = _gateway.Client();
        for (var i = 0; i < Recording.All.Count; i++)
        {
            var recording = Recording.All[i];
            foreach (var asks in recording.IsStream ? new[] { true, false } : [false])
            {
                _replays[(recording.Id, asks)] = await SendAsync(client, recording, NameOf(i, asks), asks);
            }
        }

        await CountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    private static string NameOf(int index, bool asksForUsage) => string.Create(CultureInfo.InvariantCulture, $"r{index}-{(asksForUsage ? "asks" : "plain")}");

    private string Declare(Recording recording, int index) => string.Create(CultureInfo.InvariantCulture, $$"""
        kind: Provider
        name: r{{index}}
        dialect: openai
        address: {{_upstream.Address}}/{{index}}
        ---
        kind: Model
        name: {{NameOf(index, asksForUsage: true)}}
        targets: [{ provider: r{{index}}, model: recorded }]
        ---
        kind: Model
        name: {{NameOf(index, asksForUsage: false)}}
        targets: [{ provider: r{{index}}, model: recorded }]
        """);

    private static async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        var recording = Recording.All[int.Parse(request.Target.Split('/')[1], CultureInfo.InvariantCulture)];
        http.Response.StatusCode = recording.Status;
        http.Response.ContentType = recording.IsStream ? "text/event-stream" : recording.ContentType ?? "application/json";
        var answer = recording.Answer();
        for (int from = 0, piece = 0; from < answer.Length; piece++)
        {
            var length = Math.Min(PieceSizes[piece % PieceSizes.Length], answer.Length - from);
            await http.Response.Body.WriteAsync(answer.AsMemory(from, length), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            from += length;
        }
    }

    private static async Task<Replay> SendAsync(HttpClient client, Recording recording, string model, bool asks)
    {
        using var body = new StringContent(recording.Request(model, asks), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var answer = await client.PostAsync(recording.IsEmbeddings ? "/v1/embeddings" : "/v1/chat/completions", body);
        return new Replay(model, (int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    private async Task CountAsync()
    {
        var rows = await Eventually.GetAsync(
            async () =>
            {
                var usage = await _gateway.Admin.GetAsync("tenants/default/usage?by=model,source");
                return usage.GetProperty("total").GetProperty("requests").GetInt64() >= _replays.Count ? usage.GetProperty("rows").Deserialize<CountedUsage[]>(JsonSerializerOptions.Web) : null;
            },
            "all replays are counted");
        foreach (var replay in _replays.Values)
        {
            replay.Counted = rows.Where(r => string.Equals(r.Model, replay.Model, StringComparison.Ordinal)).ToArray();
        }
    }
}

/// <summary>What the client got, and what the gateway counted for it.</summary>
public sealed record Replay(string Model, int Status, byte[] Body)
{
    public IReadOnlyList<CountedUsage> Counted { get; set; } = [];
}

/// <summary>A row of the usage API.</summary>
public sealed record CountedUsage(string Model, string Source, long Requests, long InputTokens, long CachedTokens, long OutputTokens, long ReasoningTokens);
