using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Sluice.Edge;
using Sluice.Grains.Acme;
using Sluice.Grains.Alerts;
using Sluice.Grains.CallLog;
using Sluice.Grains.Catalog;
using Sluice.Grains.Metrics;
using Sluice.Grains.Usage;
using Sluice.Grains.Webhooks;
using Sluice.Revisions;
using Sluice.Revisions.Reading;
using Sluice.Silo;
using Sluice.Silo.Clustering.Tls;
using Sluice.Silo.Oidc;
using Sluice.Silo.Sources;

namespace Sluice.Cli.Hosting;

/// <summary>
/// The settings of a process: <c>appsettings.json</c> of the current folder, then environment variables (<c>SLUICE__…</c>), then flags; later ones win.
/// A setting that is not known is an error, as is one of the wrong type; all are told at once.
/// </summary>
/// <param name="GatewaysAreNamed">Whether <see cref="SiloOptions.GatewayPort"/> or <see cref="SiloOptions.Gateways"/> was set: an edge then knows those gateways, and no other.</param>
internal sealed record HostSettings(SiloOptions Silo, EdgeOptions Edge, LogLevel LogLevel, bool GatewaysAreNamed, TelemetryOptions Telemetry)
{
    private const string Section = "Sluice";
    private const string EdgeSection = "Edge";
    private const string TelemetrySection = "Telemetry";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="UsageException">Names all that is wrong.</exception>
    public static HostSettings Read(IEnumerable<KeyValuePair<string, string?>> flags)
    {
        var configuration = new ConfigurationBuilder()
            .SetBasePath(Directory.GetCurrentDirectory())
            .AddJsonFile("appsettings.json", optional: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(flags)
            .Build()
            .GetSection(Section);
        var errors = new List<string>();
        Check(configuration, typeof(SiloOptions), [EdgeSection, TelemetrySection, nameof(LogLevel)], errors);
        Check(configuration.GetSection(EdgeSection), typeof(EdgeOptions), [], errors);
        Check(configuration.GetSection(TelemetrySection), typeof(TelemetryOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Tls)), typeof(TlsFiles), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Retention)), typeof(RetentionOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Webhooks)), typeof(WebhookOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Acme)), typeof(AcmeOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.CallLog)), typeof(CallLogOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Alerts)), typeof(AlertOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Metrics)), typeof(MetricOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Mail)), typeof(MailOptions), [], errors);
        Check(configuration.GetSection(nameof(SiloOptions.Oidc)), typeof(OidcOptions), [], errors);
        CheckUsage(configuration.GetSection(nameof(SiloOptions.Usage)), errors);
        foreach (var source in configuration.GetSection(nameof(SiloOptions.Sources)).GetChildren())
        {
            Check(source, typeof(SourceOptions), [], errors);
        }

        var level = configuration[nameof(LogLevel)] ?? nameof(LogLevel.Warning);
        if (!Enum.TryParse<LogLevel>(level, ignoreCase: true, out var logLevel) || !Enum.IsDefined(logLevel) || char.IsDigit(level[0]))
        {
            errors.Add($"{Section}:{nameof(LogLevel)} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}, is '{level}'");
        }

        var telemetry = errors.Count > 0 ? new TelemetryOptions() : (configuration.GetSection(TelemetrySection).Get<TelemetryOptions>() ?? new TelemetryOptions()).Or(Environment.GetEnvironmentVariable);
        errors.AddRange(telemetry.Validate());
        if (errors.Count > 0)
        {
            throw new UsageException($"settings: {string.Join("; ", errors)}");
        }

        var silo = configuration.Get<SiloOptions>() ?? new SiloOptions();
        return silo.Validate() is { Count: > 0 } wrong
            ? throw new UsageException($"settings: {string.Join("; ", wrong)}")
            : new HostSettings(silo, configuration.GetSection(EdgeSection).Get<EdgeOptions>() ?? new EdgeOptions(), logLevel, (configuration[nameof(SiloOptions.GatewayPort)] ?? configuration[nameof(SiloOptions.Gateways)]) is not null, telemetry);
    }

    private static void CheckUsage(IConfigurationSection usage, List<string> errors)
    {
        Check(usage, typeof(UsageOptions), [], errors);
        foreach (var workspace in usage.GetSection(nameof(UsageOptions.Workspaces)).GetChildren())
        {
            Check(workspace, typeof(UsageOptions), [], errors);
        }
    }

    private static void Check(IConfigurationSection section, Type options, string[] others, List<string> errors)
    {
        var properties = options.GetProperties().Where(p => p.SetMethod is not null).ToDictionary(p => p.Name, p => p.PropertyType, StringComparer.OrdinalIgnoreCase);
        string[] known = [.. properties.Keys, .. others];
        Type? TypeOf(IConfigurationSection setting) => properties.GetValueOrDefault(setting.Key) is { } type ? Nullable.GetUnderlyingType(type) ?? type : null;

        foreach (var setting in section.GetChildren())
        {
            if (!known.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add($"there is no setting {setting.Path}{Names.Suggest(setting.Key, known)}");
            }
            else if (TypeOf(setting) == typeof(int) && !int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                errors.Add($"{setting.Path} must be a whole number, is '{setting.Value}'");
            }
            else if (TypeOf(setting) == typeof(TimeSpan))
            {
                // Written as everywhere else in the product; the binder knows only .NET's form.
                if (Durations.TryParse(setting.Value ?? "", out var time))
                {
                    setting.Value = time.ToString("c", CultureInfo.InvariantCulture);
                }
                else
                {
                    errors.Add($"{setting.Path} must be a time such as 5s or 2m, is '{setting.Value}'");
                }
            }
            else if (TypeOf(setting) == typeof(bool) && !bool.TryParse(setting.Value, out _))
            {
                errors.Add($"{setting.Path} must be true or false, is '{setting.Value}'");
            }
        }
    }
}

/// <summary>A flag that stands for a setting.</summary>
internal sealed class SettingFlag
{
    private readonly string _key;
    private readonly Option<string?> _option;

    private SettingFlag(string key, string name, string description, string value, bool isSwitch = false)
    {
        _key = key;
        _option = new Option<string?>(name) { Description = description, HelpName = value, Arity = isSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne };
    }

    public static SettingFlag Http { get; } = new("Sluice:Edge:Http", "--http", "The port for clients (8080).", "PORT");

    public static SettingFlag Https { get; } = new("Sluice:Edge:Https", "--https", "The port for clients over TLS (8443 beside --http 8080, else none); 0: none.", "PORT");

    public static SettingFlag Http2 { get; } = new("Sluice:Edge:Http2", "--http2", "The port for clients that speak HTTP/2 without TLS (0: none).", "PORT");

    public static SettingFlag Http3 { get; } = new("Sluice:Edge:Http3", "--http3", "Serve HTTP/3 as well, by UDP on the port of --https (false).", "true|false", isSwitch: true);

    public static SettingFlag Listen { get; } = new("Sluice:Edge:Listen", "--listen", "The address for clients (0.0.0.0).", "ADDRESS");

    public static SettingFlag Ops { get; } = new("Sluice:Edge:Ops", "--ops", "The port for health and metrics (9090).", "PORT");

    public static SettingFlag ListenOps { get; } = new("Sluice:Edge:ListenOps", "--listen-ops", "The address for health and metrics (127.0.0.1); for the operator's network, not for clients.", "ADDRESS");

    public static SettingFlag KnownGood { get; } = new("Sluice:Edge:KnownGood", "--known-good", "The folder of the last revisions that this edge ran (edges/ and its port in the data folder).", "DIR");

    public static SettingFlag Admin { get; } = new("Sluice:Admin", "--admin", "The admin API's port (7070).", "PORT");

    public static SettingFlag ListenAdmin { get; } = new("Sluice:ListenAdmin", "--listen-admin", "The admin API's address (127.0.0.1).", "ADDRESS");

    public static SettingFlag Data { get; } = new("Sluice:Data", "--data", "The folder of everything that is kept (./data).", "DIR");

    public static SettingFlag Storage { get; } = new("Sluice:Storage", "--storage", "sqlite: and a file (sluice.db in the data folder), or azure: and a connection string; better in SLUICE__STORAGE, for others see a command line.", "STORAGE");

    public static SettingFlag SiloPort { get; } = new("Sluice:SiloPort", "--silo-port", "Silo to silo (11111).", "PORT");

    public static SettingFlag GatewayPort { get; } = new("Sluice:GatewayPort", "--gateway-port", "Edge to silo (30000).", "PORT");

    public static SettingFlag ListenSilo { get; } = new("Sluice:ListenSilo", "--listen-silo", "The address of the silo and gateway ports (127.0.0.1); others want TLS.", "ADDRESS");

    public static SettingFlag Advertise { get; } = new("Sluice:Advertise", "--advertise", "The address at which others reach this silo (that of --listen-silo).", "ADDRESS");

    public static SettingFlag AdvertiseSiloPort { get; } = new("Sluice:AdvertiseSiloPort", "--advertise-silo-port", "The port at which others reach --silo-port, where it is mapped (the same).", "PORT");

    public static SettingFlag AdvertiseGatewayPort { get; } = new("Sluice:AdvertiseGatewayPort", "--advertise-gateway-port", "The port at which others reach --gateway-port, where it is mapped (the same).", "PORT");

    public static SettingFlag Gateways { get; } = new("Sluice:Gateways", "--gateways", "Silos to connect to, ADDRESS:PORT, separated by commas (this machine's).", "LIST");

    public static SettingFlag ClusterName { get; } = new("Sluice:ClusterName", "--cluster-name", "Silos and edges of one name find each other (sluice).", "NAME");

    public static SettingFlag LogLevel { get; } = new("Sluice:LogLevel", "--log-level", "Trace, Debug, Information, Warning, Error, Critical or None (Warning).", "LEVEL");

    /// <summary>Adds flags to a command, and answers how to read the settings from a parsed line.</summary>
    public static Func<ParseResult, HostSettings> Add(Command command, params IReadOnlyList<SettingFlag> flags)
    {
        foreach (var flag in flags)
        {
            command.Add(flag._option);
        }

        return parsed => HostSettings.Read(flags
            .Select(f => KeyValuePair.Create(f._key, f.ValueIn(parsed)))
            .Where(f => f.Value is not null));
    }

    // A switch that is named without a value is on.
    private string? ValueIn(ParseResult parsed) => parsed.GetValue(_option) ?? (parsed.GetResult(_option) is { Implicit: false, Tokens.Count: 0 } ? "true" : null);
}
