using System.Globalization;
using System.Net.Http.Headers;
using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>One start of an edge as a process of its own, and a client of it.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private static readonly IReadOnlyList<Part> NoParts = [];
    private readonly SluiceProcess _process;
    private readonly SocketOwners _owners;
    private readonly HttpClient _client;

    private EdgeProcess(string name, SluiceProcess process, SocketOwners owners)
    {
        (Name, _process, _owners) = (name, process, owners);
        _client = new HttpClient { BaseAddress = process.Edge, Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>Of this start.</summary>
    public string Name { get; }

    /// <summary>It was ended, or is about to be.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Starts one.</summary>
    /// <param name="place">Its name in the network, which the next start in its place has too.</param>
    /// <param name="name">Of this start.</param>
    public static async Task<EdgeProcess> StartAsync(string place, string name, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? settings, SocketOwners owners)
    {
        var process = await SluiceProcess.StartAsync(["edge", "--ops", "0", "--listen", "127.0.0.1", .. arguments], settings, begun => owners.Add(begun.Id, place));
        return new EdgeProcess(name, process, owners);
    }

    /// <summary>A request that needs no key.</summary>
    public Task<Call> CallAsync() => SendAsync(null, () => new HttpRequestMessage(HttpMethod.Get, "/there"), static (_, body) =>
        [new Part("route's upstream", long.Parse(body, CultureInfo.InvariantCulture))]);

    /// <summary>A request to the model, with a key.</summary>
    public Task<Call> ChatAsync(Right right) => SendAsync(
        right,
        () => new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", right.Key) },
            Content = Gateway.Json($$"""{"model":"{{Generation.Model}}","messages":[{"role":"user","content":"Hello"}]}"""),
        },
        static (answer, body) => [.. EchoUpstream.Parts(answer, body)]);

    /// <summary>Any request.</summary>
    public async Task<(int Status, string Body)> SendAsync(HttpRequestMessage request)
    {
        using var answer = await _client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Stands still (SIGSTOP).</summary>
    public Task PauseAsync() => _process.SignalAsync("STOP");

    /// <summary>Goes on (SIGCONT).</summary>
    public Task ResumeAsync() => _process.SignalAsync("CONT");

    /// <summary>Asked to end; it serves what is under way.</summary>
    public async Task StopAsync()
    {
        IsEnded = true;
        await _process.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        IsEnded = true;
        await _process.DisposeAsync();
        _owners.Remove(_process.Id);
        _client.Dispose();
    }

    private async Task<Call> SendAsync(Right? right, Func<HttpRequestMessage> make, Func<HttpResponseMessage, string, IReadOnlyList<Part>> read)
    {
        using var request = make();
        var sent = TimeProvider.System.GetTimestamp();
        try
        {
            using var answer = await _client.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            var status = (int)answer.StatusCode;
            var isGood = status is 200;
            return new Call(
                Name, right, sent, TimeProvider.System.GetTimestamp(), status, Gateway.RevisionOf(answer), answer.Headers.Contains("sluice-stale"), isGood ? read(answer, body) : NoParts, answer.Headers.RetryAfter is not null, isGood ? null : body);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            return new Call(Name, right, sent, TimeProvider.System.GetTimestamp(), 0, 0, false, NoParts, false, e.GetBaseException().Message);
        }
    }
}
