using System.Runtime.InteropServices;
using Sluice.Cli;

// The first Ctrl-C or SIGTERM asks for a good end, the second ends at once.
using var ending = new CancellationTokenSource();
var asked = 0;
void Ask(PosixSignalContext signal)
{
    signal.Cancel = true;
    if (Interlocked.Increment(ref asked) > 1)
    {
        Environment.Exit(ExitCode.Interrupted);
    }

    ending.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask);
return await CommandLine.RunAsync(args, Console.Out, Console.Error, ending.Token);
