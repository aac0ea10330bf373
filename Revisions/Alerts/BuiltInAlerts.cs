using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Alerts;

/// <summary>The alerts that Sluice has by itself, until others are declared under their names.</summary>
public static class BuiltInAlerts
{
    /// <summary>As declared, as a bundle.</summary>
    public static string Text { get; } = Read();

    /// <summary>All of them, by name.</summary>
    public static ImmutableArray<AlertResource> All { get; } =
        [.. Bundle.Parse(Text).Resources.Select(json => (AlertResource)ResourceReader.Read(json).Resource!).OrderBy(a => a.Name, StringComparer.Ordinal)];

    private static string Read()
    {
        using var stream = typeof(BuiltInAlerts).Assembly.GetManifestResourceStream("Sluice.Revisions.Alerts.defaults.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
