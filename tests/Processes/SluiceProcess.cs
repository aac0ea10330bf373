using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Sluice.Tests.Processes;

/// <summary>One running Sluice process, started as people start it: where it is reached, what it printed, how it ended.</summary>
public sealed class SluiceProcess : RunningSluice
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(45);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _isDisposed;

    private SluiceProcess(Process process) => _process = process;

    /// <summary>The number by which the system knows it.</summary>
    public int Id { get; private set; }

    /// <summary>All that was printed to either stream so far.</summary>
    public string Log => string.Join('\n', _output.Concat(_errors));

    /// <summary>Waits until something was printed: what a process prints arrives after what it does.</summary>
    public Task LoggedAsync(string what) => Eventually.TrueAsync(() => Task.FromResult(Log.Contains(what, StringComparison.Ordinal)), $"the process prints: {what}");

    /// <summary>Starts <c>sluice</c> with <c>--json</c> and waits until it says that it is ready.</summary>
    /// <param name="begun">Told of the process before it is ready.</param>
    public static async Task<SluiceProcess> StartAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<SluiceProcess>? begun = null)
    {
        var started = Run([.. arguments, "--json"], environment, static line => line.StartsWith('{'));
        try
        {
            begun?.Invoke(started);
            started.Line = JsonSerializer.Deserialize<StartLine>(await started.ReadyAsync(), JsonSerializerOptions.Web)!;
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts <c>sluice</c> as it speaks to people, and waits for a line that ends its greeting.</summary>
    public static async Task<SluiceProcess> StartForPeopleAsync(IEnumerable<string> arguments)
    {
        var started = Run([.. arguments], null, static line => line.StartsWith("Ctrl-C", StringComparison.Ordinal));
        await started.ReadyAsync();
        return started;
    }

    /// <summary>Starts a command that goes on, and waits for a line.</summary>
    public static async Task<SluiceProcess> StartWatchAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, Func<string, bool> isReady)
    {
        var started = Run([.. arguments], environment, isReady);
        await started.ReadyAsync();
        return started;
    }

    /// <summary>Starts a process that may not become ready, and waits for nothing.</summary>
    public static SluiceProcess Begin(IEnumerable<string> arguments) => Run([.. arguments], null, static _ => false);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> CommandAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string input = "")
    {
        await using var command = Run([.. arguments], environment, static _ => false, input);
        var code = await command.EndAsync();
        return (code, string.Join('\n', command._output), string.Join('\n', command._errors));
    }

    /// <summary>Arguments of <c>up</c> on a folder and free ports.</summary>
    public static string[] Up(string data, int ops = 0) =>
        ["up", "--http", "0", "--admin", "0", "--ops", $"{ops}", "--silo-port", "0", "--gateway-port", "0", "--listen", "127.0.0.1", "--data", data];

    /// <summary>Ends when the process has, by itself or not.</summary>
    public Task EndedAsync() => _process.WaitForExitAsync();

    /// <summary>Ends the process without any warning, as a crash of the machine's memory does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>Asks the process to end (SIGTERM), and answers its exit code.</summary>
    public override async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await EndAsync();
    }

    /// <summary>Sends the process a signal by its name: <c>STOP</c>, <c>CONT</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", FormattableString.Invariant($"kill -{name} {Id}")]))!;
        await kill.WaitForExitAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        // A start that failed has disposed of it already.
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            await EndAsync();
        }

        _process.Dispose();
    }

    /// <summary>Whether an environment variable is a setting of Sluice's or a provider's key.</summary>
    internal static bool IsOfSluice(string variable) => variable.StartsWith("SLUICE_", StringComparison.Ordinal) || variable.EndsWith("_API_KEY", StringComparison.Ordinal);

    private static SluiceProcess Run(string[] arguments, IReadOnlyDictionary<string, string>? environment, Func<string, bool> isReady, string input = "")
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };

        // Nothing of the machine's own settings and provider keys reaches a test.
        foreach (var name in start.Environment.Keys.Where(IsOfSluice).ToArray())
        {
            start.Environment.Remove(name);
        }

        // As the launcher does.
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var run = new SluiceProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        run._process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                run._output.Enqueue(text);
                if (isReady(text))
                {
                    run._ready.TrySetResult(text);
                }
            }
        };
        run._process.ErrorDataReceived += (_, line) => run._errors.Enqueue(line.Data ?? "");
        run._process.Exited += (_, _) => run._ready.TrySetException(new InvalidOperationException("The process ended before it was ready."));
        run._process.Start();
        run.Id = run._process.Id;
        run._process.BeginOutputReadLine();
        run._process.BeginErrorReadLine();
        run._process.StandardInput.Write(input);
        run._process.StandardInput.Close();
        return run;
    }

    private async Task<string> ReadyAsync()
    {
        try
        {
            return await _ready.Task.WaitAsync(StartBound, TimeProvider.System);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            var log = Log;
            await DisposeAsync();
            throw new InvalidOperationException($"{e.Message}\n{log}", e);
        }
    }

    private async Task<int> EndAsync()
    {
        using var bound = new CancellationTokenSource(EndBound, TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException e)
        {
            _process.Kill();
            throw new TimeoutException($"The process did not end in {EndBound.TotalSeconds} s.\n{Log}", e);
        }

        return _process.ExitCode;
    }
}
