using System.Text.Json;
using Sluice.Cli;

namespace Sluice.Tests.Processes;

/// <summary>
/// One running Sluice within the tests' own process, by the same command line: most of a start is the compilation of its code, which happens once here. For tests that neither
/// kill it nor read its log, and want nothing of the system of their own.
/// </summary>
public sealed class HostedSluice : RunningSluice
{
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(45);
    private static readonly SemaphoreSlim Setting = new(1);
    private static readonly Dictionary<string, string> NoSettings = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly StringWriter _errors = new();
    private readonly FirstLine _output = new();
    private Task<int> _running = Task.FromResult(0);

    private bool _isDisposed;

    // Nothing of the machine's own settings and provider keys reaches a test.
    static HostedSluice()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(SluiceProcess.IsOfSluice))
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    private HostedSluice()
    {
    }

    /// <summary>Starts <c>sluice</c> with <c>--json</c> and waits until it says that it is ready.</summary>
    /// <param name="settings">As in environment variables.</param>
    public static async Task<HostedSluice> StartAsync(string[] arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        var hosted = new HostedSluice();
        try
        {
            hosted._running = await RunAsync([.. arguments, "--json"], settings ?? NoSettings, hosted._output, hosted._errors, hosted._end.Token);
            await Task.WhenAny(hosted._output.Written, hosted._running).WaitAsync(StartBound, TimeProvider.System);
            if (!hosted._output.Written.IsCompleted)
            {
                throw new InvalidOperationException($"It ended with {await hosted._running} before it was ready.\n{hosted._errors}");
            }

            hosted.Line = JsonSerializer.Deserialize<StartLine>(await hosted._output.Written, JsonSerializerOptions.Web)!;
            return hosted;
        }
        catch
        {
            await hosted.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> CommandAsync(string[] arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        using var bound = new CancellationTokenSource();
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var run = await RunAsync(arguments, settings ?? NoSettings, output, errors, bound.Token);

        // How long others set theirs is no time of this command's.
        bound.CancelAfter(EndBound);
        return (await run, output.ToString(), errors.ToString());
    }

    public override async Task<int> StopAsync()
    {
        await _end.CancelAsync();
        return await _running.WaitAsync(EndBound, TimeProvider.System);
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            await StopAsync();
            _end.Dispose();
        }
    }

    // Settings are read before the command waits for anything: they are in the environment for so long.
    private static async Task<Task<int>> RunAsync(string[] arguments, IReadOnlyDictionary<string, string> settings, TextWriter output, TextWriter errors, CancellationToken end)
    {
        await Setting.WaitAsync();
        try
        {
            foreach (var (name, value) in settings)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            return CommandLine.RunAsync(arguments, output, errors, end);
        }
        finally
        {
            foreach (var name in settings.Keys)
            {
                Environment.SetEnvironmentVariable(name, null);
            }

            Setting.Release();
        }
    }

    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Written => _written.Task;

        public override void WriteLine(string? value) => _written.TrySetResult(value ?? "");
    }
}
