using System.Globalization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>An edge as a process of its own, and a client of it.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private readonly SluiceProcess _process;
    private readonly HttpClient _client;

    private EdgeProcess(string name, SluiceProcess process)
    {
        (Name, _process) = (name, process);
        _client = new HttpClient { BaseAddress = process.Edge, Timeout = TimeSpan.FromSeconds(20) };
    }

    public string Name { get; }

    public bool IsEnded { get; private set; }

    public static async Task<EdgeProcess> StartAsync(string name, int gateway, string cluster)
    {
        var process = await SluiceProcess.StartAsync([
            "edge", "--http", "0", "--ops", "0", "--listen", "127.0.0.1", "--gateway-port", gateway.ToString(CultureInfo.InvariantCulture), "--cluster-name", cluster]);
        return new EdgeProcess(name, process);
    }

    /// <summary>One request, as its client saw it.</summary>
    public async Task<Call> CallAsync()
    {
        var sent = TimeProvider.System.GetTimestamp();
        try
        {
            using var answer = await _client.GetAsync("/there");
            return new Call(Name, sent, TimeProvider.System.GetTimestamp(), Gateway.RevisionOf(answer), answer.Headers.Contains("sluice-stale"), (int)answer.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            return new Call(Name, sent, TimeProvider.System.GetTimestamp(), 0, false, 0);
        }
    }

    /// <summary>Stands still (SIGSTOP).</summary>
    public Task PauseAsync() => _process.SignalAsync("STOP");

    /// <summary>Goes on (SIGCONT).</summary>
    public Task ResumeAsync() => _process.SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        IsEnded = true;
        await _process.DisposeAsync();
        _client.Dispose();
    }
}
