using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Cli.Agent;
using Sluice.Revisions.Settings;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice agent</c></summary>
internal static class AgentCommand
{
    private const UnixFileMode AllModes = (UnixFileMode)0b111_111_111;

    public static Command Define()
    {
        var app = new Option<string>("--app") { Description = "Whose settings.", Required = true };
        var profile = new Option<string?>("--profile") { Description = "The application's profiles, separated by commas; a later one is more special." };
        var file = new Option<string>("--file") { Description = "The file that is kept; its folder must be there.", Required = true };
        var format = new Option<SettingsFormat?>("--format") { Description = "json, env or properties; when not given, as the file's name ends, else json." };
        var mode = new Option<string>("--mode") { Description = "The file's mode, octal.", DefaultValueFactory = _ => "0600" };
        var reload = new Option<string?>("--reload-url") { Description = "Called with POST when the file has changed; any 2xx is success. When not given, nothing is called." };
        var timeout = new Option<int>("--reload-timeout") { Description = "Seconds that one call may take, 1 to 300.", DefaultValueFactory = _ => 5 };
        var tries = new Option<int>("--reload-tries") { Description = "How often a change is told at most, 1 to 100.", DefaultValueFactory = _ => 5 };
        var once = new Option<bool>("--once") { Description = "Write the file, have it reloaded, and end." };
        return AdminSession.Define(
            "agent",
            "Keep a file with an application's settings, and tell the application when it changed.",
            async (session, parsed, cancellation) =>
            {
                var path = Path.GetFullPath(parsed.GetRequiredValue(file));
                if (!Directory.Exists(Path.GetDirectoryName(path)))
                {
                    throw new UsageException($"--file: there is no folder '{Path.GetDirectoryName(path)}'");
                }

                var call = parsed.GetValue(reload) is { } url
                    ? new ReloadCall(Check(url), TimeSpan.FromSeconds(InRange(parsed.GetValue(timeout), 300, "--reload-timeout")), InRange(parsed.GetValue(tries), 100, "--reload-tries"))
                    : null;
                using (call)
                {
                    var agent = new SettingsAgent(
                        session,
                        parsed.GetRequiredValue(app),
                        parsed.GetValue(profile),
                        new SettingsFile(path, parsed.GetValue(format) ?? ByName(path), ReadMode(parsed.GetRequiredValue(mode))),
                        call);
                    return parsed.GetValue(once) ? await agent.RunOnceAsync(cancellation) : await agent.FollowAsync(cancellation);
                }
            },
            app,
            profile,
            file,
            format,
            mode,
            reload,
            timeout,
            tries,
            once);
    }

    private static SettingsFormat ByName(string path) => Path.GetExtension(path) switch
    {
        ".env" => SettingsFormat.Env,
        ".properties" => SettingsFormat.Properties,
        _ => SettingsFormat.Json,
    };

    private static UnixFileMode ReadMode(string text)
    {
        var mode = 0;
        foreach (var digit in text)
        {
            mode = digit is >= '0' and <= '7' && mode <= (int)AllModes ? (mode * 8) + (digit - '0') : int.MaxValue;
        }

        return text.Length > 0 && mode <= (int)AllModes && (mode & (int)UnixFileMode.UserRead) != 0
            ? (UnixFileMode)mode
            : throw new UsageException($"--mode must be octal, 0400 to 0777, and let the owner read, is '{text}'");
    }

    private static Uri Check(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : throw new UsageException($"--reload-url must begin with http:// or https://, is '{text}'");

    private static int InRange(int number, int most, string option) =>
        number >= 1 && number <= most ? number : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} must be 1 to {most}, is {number}"));
}
