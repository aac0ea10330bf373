namespace Sluice.Grains.Interfaces;

/// <summary>How the keys of grains are written: workspace first, parts separated by <c>|</c>, which no name may contain.</summary>
public static class GrainKeys
{
    /// <summary>The workspace that a fresh cluster has.</summary>
    public const string DefaultWorkspace = "default";

    private const char Separator = '|';

    /// <summary>Joins a workspace and the parts that name a grain inside it.</summary>
    public static string Join(string workspace, params ReadOnlySpan<string> parts)
    {
        var key = workspace;
        foreach (var part in parts)
        {
            if (part.Contains(Separator, StringComparison.Ordinal))
            {
                throw new ArgumentException($"A part of a grain key holds no '{Separator}': '{part}'.", nameof(parts));
            }

            key = $"{key}{Separator}{part}";
        }

        return key;
    }

    /// <summary>Splits what <see cref="Join"/> joined.</summary>
    public static string[] Split(string key) => key.Split(Separator);
}
