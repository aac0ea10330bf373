using Orleans.Storage;
using Sluice.Grains;
using Sluice.Storage;

namespace Sluice.Silo;

/// <summary>How the states of a silo's grains become bytes, whichever storage they rest in.</summary>
internal static class StateSerializer
{
    /// <summary>Writes today's layouts and reads those of before.</summary>
    public static IGrainStorageSerializer Current { get; } = new JsonState(StoredLayouts.All.Select(l => new StateLayout(l.Type, l.Version, l.Steps)));
}
