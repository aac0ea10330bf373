using System.CommandLine;
using Sluice.Silo;

namespace Sluice.Cli.Hosting;

/// <summary><c>sluice silo</c>: the state and the admin API, for edges in processes of their own.</summary>
internal static class SiloCommand
{
    public static Command Define()
    {
        var json = new Option<bool>("--json") { Description = "Print one line of JSON when ready, and nothing else." };
        var command = new Command("silo", "Run a silo: state and admin API.") { json };
        var read = SettingFlag.Add(
            command,
            SettingFlag.SiloPort,
            SettingFlag.GatewayPort,
            SettingFlag.ListenSilo,
            SettingFlag.Advertise,
            SettingFlag.AdvertiseSiloPort,
            SettingFlag.AdvertiseGatewayPort,
            SettingFlag.Admin,
            SettingFlag.ListenAdmin,
            SettingFlag.Data,
            SettingFlag.Storage,
            SettingFlag.ClusterName,
            SettingFlag.LogLevel);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (settings, configuration) = (read(parsed), parsed.InvocationConfiguration);
            using var telemetry = Telemetry.Start(settings.Telemetry, "sluice-silo");
            var silo = SiloHost.Create(settings.Silo, HostLog.At(settings.LogLevel), settings.Telemetry.Tracing);
            InsecureWarning.Write(configuration.Error, settings.Silo);
            try
            {
                var start = await Running.StartSiloAsync(silo, cancellation);
                if (parsed.GetValue(json))
                {
                    StartReport.WriteJson(configuration.Output, null, Running.Address(silo), start);
                }
                else
                {
                    StartReport.Write(configuration.Output, null, Running.Address(silo), start);
                }

                await Running.WaitAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Asked to end while it started: a good end as well.
            }
            finally
            {
                await Running.EndAsync(silo, configuration.Error);
            }

            return ExitCode.Done;
        });
        return command;
    }
}
