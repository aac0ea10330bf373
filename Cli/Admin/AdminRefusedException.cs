using Sluice.Silo.Admin;

namespace Sluice.Cli.Admin;

/// <summary>The admin API refused, or was not reached.</summary>
public sealed class AdminRefusedException(string message, Problem? problem = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the API said; null where it was not reached.</summary>
    public Problem? Problem => problem;

    /// <summary>What is wrong, a line for each field and each resource.</summary>
    public async Task WriteAsync(TextWriter error)
    {
        await error.WriteLineAsync($"sluice: {Message}");
        foreach (var field in problem?.Errors ?? [])
        {
            await error.WriteLineAsync(field.Path.Length > 0 ? $"  {field.Path.TrimEnd(':', ' ')}: {field.Message}" : $"  {field.Message}");
        }

        foreach (var change in problem?.Differing ?? [])
        {
            await error.WriteLineAsync($"  {change.Type.ToString().ToLowerInvariant()} {change.Kind}/{change.Name}");
        }
    }
}
