using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary>The command line as a person at a shell has it: the program, told by its environment where a gateway is.</summary>
internal sealed class Shell(Gateway gateway)
{
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal)
    {
        ["SLUICE_ADMIN_URL"] = gateway.Sluice.Admin.AbsoluteUri,
        ["SLUICE_ADMIN_KEY"] = gateway.AdminKey,
    };

    /// <summary>Runs a command to its end, whatever that is; as a process where it reads something.</summary>
    public Task<(int Code, string Output, string Errors)> RunAsync(string[] arguments, string input = "") => input.Length == 0
        ? HostedSluice.CommandAsync(arguments, _environment)
        : SluiceProcess.CommandAsync(arguments, _environment, input);

    /// <summary>Runs a command that must succeed in silence on the error stream, and answers its output.</summary>
    public async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);
        Assert.True(code is 0, $"sluice {string.Join(' ', arguments)}: {code} {errors}");
        Assert.Empty(errors.Trim());
        return output;
    }

    /// <summary>Runs a command with <c>--json</c>, whose output must be one JSON value.</summary>
    public async Task<JsonElement> JsonAsync(params string[] arguments) => JsonSerializer.Deserialize<JsonElement>(await DoneAsync([.. arguments, "--json"]));

    /// <summary>Runs a command that must fail so, and answers its error lines.</summary>
    public async Task<string> FailsAsync(int expected, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);
        Assert.Equal(expected, code);
        Assert.Empty(output.Trim());
        Assert.StartsWith("sluice: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", errors, StringComparison.Ordinal);
        return errors.Trim();
    }
}
