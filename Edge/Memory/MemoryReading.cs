namespace Sluice.Edge.Memory;

/// <summary>How much memory this process takes, and what it may. What others take of the machine is no part of it: this edge cannot give it back.</summary>
/// <param name="Heap">What is allocated on the managed heap, in bytes, garbage that was not collected yet among it.</param>
/// <param name="MostHeap">What may be: of a container three quarters of its limit, or what <c>DOTNET_GCHeapHardLimit</c> says, or the machine's memory.</param>
/// <param name="Resident">What of the process is in memory, in bytes.</param>
/// <param name="MostResident">The container's limit, or the machine's memory.</param>
internal readonly record struct MemoryReading(long Heap, long MostHeap, long Resident, long MostResident)
{
    // What the runtime takes for a high load, of the memory that there is; on machines with more than 80 GB it is a little more.
    private const double HighLoad = 0.9;

    /// <summary>How much of what may be taken is, of heap and process the fuller one: 0 to 1, or a little more.</summary>
    public double Share => Math.Max(Of(Heap, MostHeap), Of(Resident, MostResident));

    /// <summary>What is now.</summary>
    /// <param name="most">What the process may take, in bytes; null: what the runtime knows, which honours a container's limit.</param>
    public static MemoryReading Now(long? most)
    {
        var known = GC.GetGCMemoryInfo(GCKind.Any);
        return new MemoryReading(
            GC.GetTotalMemory(forceFullCollection: false),
            Math.Min(known.TotalAvailableMemoryBytes, most ?? long.MaxValue),
            Environment.WorkingSet,
            Math.Min((long)(known.HighMemoryLoadThresholdBytes / HighLoad), most ?? long.MaxValue));
    }

    private static double Of(long used, long most) => most > 0 ? (double)used / most : 0;
}
