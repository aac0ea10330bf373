using System.Diagnostics;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>What somebody sees who has just cloned Sluice.</summary>
public sealed class FirstMinuteTests
{
    [Fact]
    public async Task The_printed_curl_lines_answer_as_they_stand()
    {
        Assert.SkipUnless(HasCurl(), "curl is not on this machine");
        using var folder = new TemporaryFolder();
        await using var sluice = await SluiceProcess.StartForPeopleAsync(SluiceProcess.Up(folder.Path));
        var lines = sluice.Log.Split('\n').Where(l => l.StartsWith("curl ", StringComparison.Ordinal)).ToArray();

        Assert.Equal(2, lines.Length);
        var whole = JsonSerializer.Deserialize<JsonElement>(await ShellAsync(lines[0]));
        Assert.Equal(64, whole.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.NotEmpty(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
        var stream = await ShellAsync(lines[1]);
        Assert.StartsWith("data: {", stream, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]", stream.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_that_cannot_be_says_in_one_line_why()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        var (code, output, errors) = await SluiceProcess.CommandAsync([.. SluiceProcess.Up(gateway.Data), "--cluster-name", "another"]);

        Assert.NotEqual(0, code);
        Assert.Empty(output.Trim());
        Assert.Contains("is in use by the cluster 'sluice'", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static bool HasCurl() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, "curl")));

    private static async Task<string> ShellAsync(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        var output = await shell.StandardOutput.ReadToEndAsync(bound.Token);
        await shell.WaitForExitAsync(bound.Token);
        Assert.Equal(0, shell.ExitCode);
        return output;
    }
}
