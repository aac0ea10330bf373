using System.Globalization;
using Sluice.Edge.Metering.Journal;

namespace Sluice.Cli.Hosting;

/// <summary>Where the edge of this process keeps its journal.</summary>
internal static class JournalFolders
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>The place; null: nowhere.</summary>
    public static JournalPlace? Of(HostSettings settings)
    {
        var edge = settings.Edge;
        var folder = edge.Journal ?? (edge.Http == 0 ? null : Path.Combine(settings.Silo.Data, "edges", edge.Http.ToString(CultureInfo.InvariantCulture), "journal"));
        return folder is null || edge.JournalMegabytes == 0 ? null : new JournalPlace(Path.GetFullPath(folder), settings.Silo.ClusterName, edge.Workspace, MostBytes: edge.JournalMegabytes * Megabyte);
    }
}
