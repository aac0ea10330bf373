using System.Diagnostics;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>Runs the official JavaScript clients.</summary>
internal static class NodeScript
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Runs a script of <c>node/</c> to its end, and answers what it says that it saw.</summary>
    public static async Task<Dictionary<string, string>> RunAsync(string script, params string[] arguments)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "Conformance", "node", script), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await errors);
        return JsonSerializer.Deserialize<Dictionary<string, string>>(await output)!;
    }
}
