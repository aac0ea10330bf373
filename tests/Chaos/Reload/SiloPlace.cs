using System.Globalization;
using Sluice.Tests.Chaos.Network;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>A silo behind the faulty network, started again whenever its process ends, as a supervisor does.</summary>
internal sealed class SiloPlace : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _end = new();
    private readonly FaultyNetwork _network;
    private readonly History _history;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly string[] _arguments;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _supervising = Task.CompletedTask;
    private volatile SluiceProcess? _running;
    private volatile bool _isAsked;

    public SiloPlace(string name, string cluster, string data, IReadOnlyDictionary<string, string> settings, FaultyNetwork network, History history)
    {
        (Name, _network, _history, _settings) = (name, network, history, settings);
        var (admin, silo, gateway) = (Ports.Free(), Ports.Free(), Ports.Free());
        Admin = new Uri($"http://127.0.0.1:{Text(admin)}");
        _arguments =
        [
            "silo", "--admin", Text(admin), "--silo-port", Text(silo), "--gateway-port", Text(gateway), "--cluster-name", cluster, "--data", data,
            "--advertise-silo-port", Text(network.Listen(name, silo)), "--advertise-gateway-port", Text(network.Listen(name, gateway)),
        ];
    }

    /// <summary>In the network, whichever process runs.</summary>
    public string Name { get; }

    /// <summary>Where its admin API is reached, past the faulty network.</summary>
    public Uri Admin { get; }

    /// <summary>Of the first start of a new cluster; null elsewhere.</summary>
    public string? AdminKey { get; private set; }

    /// <summary>It was started, and did not end since.</summary>
    public bool IsUp => _running is not null;

    /// <summary>The lines that it has printed of level Warning and worse.</summary>
    public string Log => _running?.Log ?? "";

    /// <summary>Starts it, and goes on to whenever it ends.</summary>
    public Task StartAsync()
    {
        _supervising = SuperviseAsync();
        return _first.Task;
    }

    /// <summary>Kills it; it is started again.</summary>
    public Task KillAsync() => EndAsync("KILL");

    /// <summary>Asks it to end; it is started again.</summary>
    public Task StopAsync() => EndAsync("TERM");

    /// <summary>Stands still for a while.</summary>
    public async Task PauseAsync(TimeSpan span)
    {
        if (_running is { } process)
        {
            await process.SignalAsync("STOP");
            await Task.Delay(span, TimeProvider.System);
            await process.SignalAsync("CONT");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await KillAsync();
        await _supervising;
        _end.Dispose();
    }

    private async Task EndAsync(string signal)
    {
        if (_running is { } process)
        {
            _isAsked = true;
            await process.SignalAsync(signal);
            await Eventually.TrueAsync(() => Task.FromResult(_running != process), $"{Name} ends after SIG{signal}", EndBound);
        }
    }

    private async Task SuperviseAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var id = 0;
                var process = await SluiceProcess.StartAsync(_arguments, _settings, begun => _network.Owners.Add(id = begun.Id, Name));
                AdminKey ??= process.Line.AdminKey;
                _isAsked = false;
                _running = process;
                _first.TrySetResult();
                await process.EndedAsync().WaitAsync(_end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _running = null;
                if (!_isAsked && !_end.IsCancellationRequested)
                {
                    _history.Count("silos that ended by themselves and were started again");
                }

                await process.DisposeAsync();
                _network.Owners.Remove(id);
            }
            catch (InvalidOperationException e)
            {
                _history.Count("starts of a silo that did not come to an end");
                if (_first.TrySetException(e))
                {
                    return;
                }

                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
