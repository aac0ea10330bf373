using System.Diagnostics;

namespace Sluice.Tests.Processes;

/// <summary>Prometheus' own tool, which checks what Prometheus will be given.</summary>
public static class Promtool
{
    private static readonly string? Path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .Select(folder => System.IO.Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists);

    /// <summary>Why it cannot be run; null: it can.</summary>
    public static string? Missing => Path is null ? "promtool is not on this machine (Debian's package prometheus; ./test installs it where it is root)" : null;

    /// <summary>Runs it; empty where it found nothing wrong, else all that it said.</summary>
    public static async Task<string> FaultAsync(string folder, string input, params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo(Path!, arguments)
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.StandardInput.WriteAsync(input);
        tool.StandardInput.Close();
        await tool.WaitForExitAsync();
        return tool.ExitCode is 0 ? "" : $"promtool {string.Join(' ', arguments)} ended with {tool.ExitCode}:\n{await output}{await errors}";
    }
}
