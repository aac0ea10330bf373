using System.Diagnostics;
using System.Text.RegularExpressions;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Docs;

/// <summary>The commands of the pages, run as they are written and in their order, each page on a gateway that has just been started.</summary>
public sealed partial class CommandTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("docs/getting-started.md")]
    [InlineData("docs/cli.md")]
    [InlineData("docs/admin-api.md")]
    [InlineData("docs/explain.md")]
    [InlineData("docs/rollouts.md")]
    [InlineData("docs/monitoring.md")]
    [InlineData("docs/alerts.md")]
    [InlineData("docs/guides/ab-split.md")]
    [InlineData("docs/guides/model-swap.md")]
    [InlineData("docs/ways-in.md")]
    [InlineData("docs/settings.md")]
    [InlineData("docs/products.md")]
    public async Task The_commands_of_a_page_do_what_it_says(string path)
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && HasCurl(), "bash or curl is not on this machine");
        await using var gateway = await Gateway.StartAsync();
        await using var first = await Upstream.StartAsync("v1");
        await using var second = await Upstream.StartAsync("v2");
        using var folder = new TemporaryFolder();
        Prepare(folder.Path);
        var commands = Page.Read(path).Blocks().Select(b => Adapt(b, gateway, first, second)).ToArray();
        Assert.NotEmpty(commands);

        using var shell = Process.Start(new ProcessStartInfo("/bin/bash", ["-e", "-o", "pipefail"])
        {
            WorkingDirectory = folder.Path, UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await shell.StandardInput.WriteAsync("chmod +x sluice\nset -v\n" + string.Join('\n', commands));
        shell.StandardInput.Close();
        using var bound = new CancellationTokenSource(Bound, TimeProvider.System);
        await shell.WaitForExitAsync(bound.Token);

        Assert.True(shell.ExitCode is 0, $"{path} ended with {shell.ExitCode} after:\n{await errors}\n{await output}");
    }

    // What differs from a person's shell: the gateway and the services of the guides run already and elsewhere, keys are known, and what has no end is ended after its first line.
    private static string Adapt(string block, Gateway gateway, Upstream first, Upstream second)
    {
        var running = Start().Replace(block, ":");
        var addressed = running
            .Replace("http://127.0.0.1:7070", gateway.Sluice.Admin.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal)
            .Replace("http://127.0.0.1:8080", gateway.Edge.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal)
            .Replace("http://127.0.0.1:9101", first.Address, StringComparison.Ordinal)
            .Replace("http://127.0.0.1:9102", second.Address, StringComparison.Ordinal)
            .Replace("slc_admin_…", gateway.AdminKey, StringComparison.Ordinal)
            .Replace("slc_live_…", gateway.TenantKey, StringComparison.Ordinal);
        return Endless().Replace(addressed, "exec 3< <(exec $0); read -r -t 60 -u 3; kill -TERM $$!; wait $$!");
    }

    // The pages speak from the repository's root: here the same names lead to the program that the tests have built.
    private static void Prepare(string folder)
    {
        Directory.CreateSymbolicLink(Path.Combine(folder, "docs"), Path.Combine(Repository.Root, "docs"));
        var program = Path.Combine(folder, "sluice");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Repository.Program}' \"$@\" </dev/null\n");
    }

    private static bool HasCurl() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, "curl")));

    [GeneratedRegex(@"^\./sluice up\b.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Start();

    [GeneratedRegex(@"^\./sluice events.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Endless();
}
