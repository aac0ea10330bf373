using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Cli.Admin;
using Sluice.Cli.Hosting;
using Sluice.Edge.Tls;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Doctor;

/// <summary><c>sluice doctor</c>: looks at the settings of a process, at this machine and at the cluster, and says what to do.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions Format = new(AdminJson.Options) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    public static Command Define()
    {
        var command = new Command("doctor", "Look at settings, machine and cluster, and say what to do: exit code 1 where something is wrong.");
        var read = SettingFlag.Add(
            command,
            SettingFlag.Data,
            SettingFlag.Storage,
            SettingFlag.Http,
            SettingFlag.Http3,
            SettingFlag.Ops,
            SettingFlag.SiloPort,
            SettingFlag.GatewayPort,
            SettingFlag.Admin,
            SettingFlag.ClusterName);
        AdminSession.AddOptions(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = AdminSession.Connect(parsed, isKeyNeeded: false);
            var findings = await LookAsync(() => read(parsed), client, TimeProvider.System, cancellation);
            await WriteAsync(parsed.InvocationConfiguration.Output, findings, AdminSession.IsJson(parsed));
            return findings.Any(f => f.Level is FindingLevel.Error) ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(Func<HostSettings> read, AdminClient client, TimeProvider time, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        try
        {
            var settings = read();
            findings.Add(Finding.Ok("settings", "all are known and go together"));
            findings.Add(SettingsChecks.RootKey(settings.Silo));
            findings.AddRange(SettingsChecks.Boundary(settings.Silo));
            findings.AddRange(SettingsChecks.Certificates(settings.Silo, time.GetUtcNow()));
            findings.AddRange(await MachineChecks.StorageAsync(settings.Silo, time, cancellation));
            findings.Add(MachineChecks.Disk(settings.Silo.Data));
            findings.AddRange(await MachineChecks.PortsAsync(settings, cancellation));
            findings.Add(MachineChecks.Http3(settings.Edge.Http3, QuicRuntime.Missing));
        }
        catch (UsageException e)
        {
            findings.Add(Finding.Error("settings", e.Message, "mend what it names: a process of these settings does not start"));
        }

        findings.AddRange(client.HasKey
            ? await ClusterChecks.AskAsync(client, time, cancellation)
            : [Finding.Warn("cluster", "the cluster was not asked: no admin key is given", "set SLUICE_ADMIN_KEY, and SLUICE_ADMIN_URL where the admin API is elsewhere")]);
        return findings;
    }

    private static async Task WriteAsync(TextWriter output, IReadOnlyList<Finding> findings, bool json)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(new Answer(findings), Format));
            return;
        }

        var width = findings.Max(f => f.Check.Length);
        foreach (var finding in findings)
        {
            await output.WriteLineAsync($"{Word(finding.Level),-5}  {finding.Check.PadRight(width)}  {finding.Says}");
            if (finding.Remedy is { } remedy)
            {
                await output.WriteLineAsync($"{new string(' ', 5 + 2 + width + 2)}→ {remedy}");
            }
        }
    }

    private static string Word(FindingLevel level) => level.ToString().ToLowerInvariant();

    /// <summary>What is printed with <c>--json</c>.</summary>
    private sealed record Answer(IReadOnlyList<Finding> Findings);
}
