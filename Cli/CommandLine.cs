using System.CommandLine;
using Sluice.Cli.Admin;
using Sluice.Cli.Commands;
using Sluice.Cli.Doctor;
using Sluice.Cli.Hosting;
using Sluice.Cli.Load;
using Sluice.Cli.Pki;
using Sluice.Cli.Top;
using Sluice.Silo;

namespace Sluice.Cli;

/// <summary>The <c>sluice</c> command: every command stands in the list here, in the order of the help.</summary>
public static class CommandLine
{
    /// <summary>Reads the arguments, runs the command, and turns every failure into lines on <paramref name="error"/> and an exit code.</summary>
    /// <param name="cancellation">Asks the command for a good end.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var parsed = Root().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var wrong in parsed.Errors)
            {
                await error.WriteLineAsync($"sluice: {wrong.Message}");
            }

            await error.WriteLineAsync("sluice: see --help");
            return ExitCode.Usage;
        }

        try
        {
            // Signals are heard in one place, so the library's own handler is off.
            var configuration = new InvocationConfiguration
            {
                Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (UsageException e)
        {
            await error.WriteLineAsync($"sluice: {e.Message}");
            return ExitCode.Usage;
        }
        catch (SiloStartException e)
        {
            await error.WriteLineAsync($"sluice: {e.Message}");
            return ExitCode.Failed;
        }
        catch (AdminRefusedException e)
        {
            await e.WriteAsync(error);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static RootCommand Root() => new("Sluice: a gateway for language models and APIs.")
    {
        UpCommand.Define(),
        SiloCommand.Define(),
        EdgeCommand.Define(),
        HealthCommand.Define(),
        DoctorCommand.Define(),
        BackupCommand.Define(),
        RestoreCommand.Define(),
        ApplyCommand.Define(),
        DiffCommand.Define(),
        ExplainCommand.Define(),
        GetCommand.Define(),
        ExportCommand.Define(),
        ImportCommand.Define(),
        DeleteCommand.Define(),
        HistoryCommand.Define(),
        ReloadsCommand.Define(),
        RollbackCommand.Define(),
        RouteCommand.Define(),
        RolloutCommands.Define(),
        CanaryCommand.Define(),
        AuditCommand.Define(),
        SourcesCommand.Define(),
        EdgesCommand.Define(),
        EventsCommand.Define(),
        AgentCommand.Define(),
        TenantsCommand.Define(),
        KeysCommand.Define(),
        SubscriptionsCommand.Define(),
        UsageCommand.Define(),
        BudgetsCommand.Define(),
        WebhooksCommand.Define(),
        AlertsCommand.Define(),
        CacheCommand.Define(),
        CertificateCommand.Define(),
        PromptCommand.Define(),
        ModelCommand.Define(),
        CatalogueCommand.Define(),
        CallsCommand.Define(),
        CallBodiesCommand.Define(),
        AttemptsCommand.Define(),
        AnalyzeCommand.Define(),
        TopCommand.Define(),
        BenchCommand.Define(),
        AdminKeysCommand.Define(),
        CompletionCommand.Define(),
        PkiCommand.Define(),
    };
}
