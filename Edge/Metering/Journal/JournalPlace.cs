using System.IO.Hashing;
using System.Text;

namespace Sluice.Edge.Metering.Journal;

/// <summary>Where an edge keeps its journal.</summary>
/// <param name="Folder">Its own: no other edge writes there.</param>
/// <param name="Cluster">The cluster's name: what an edge of another cluster has left there is not this one's to tell.</param>
/// <param name="Workspace">The workspace's name.</param>
/// <param name="SegmentBytes">The size of one file; at least 64 KiB.</param>
/// <param name="MostBytes">The most that all files take together; what is more is not kept.</param>
public sealed record JournalPlace(string Folder, string Cluster, string Workspace, int SegmentBytes = JournalPlace.UsualSegmentBytes, long MostBytes = JournalPlace.UsualMostBytes)
{
    /// <summary>8 MiB: some ten thousand attempts.</summary>
    public const int UsualSegmentBytes = 8 * 1024 * 1024;

    /// <summary>Stands for cluster and workspace in the head of each segment.</summary>
    internal long Owner { get; } = (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{Cluster.Length} {Cluster} {Workspace}"));

    /// <summary>256 MiB.</summary>
    public const long UsualMostBytes = 256L * 1024 * 1024;
}
