using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Calls;

namespace Sluice.Grains.Interfaces.Fleet;

/// <summary>The fleet as the one who gathers calls uses it: edges hear by the call that they hold open what is wanted of them. Its key is the workspace's name.</summary>
[Alias("sluice.fleet-calls")]
public interface IFleetCallsGrain : IGrainWithStringKey
{
    /// <summary>Tells edges that their calls are wanted, and divides what may be told among them; null: no longer.</summary>
    /// <returns>The live edges.</returns>
    [Alias("want-calls")]
    Task<ImmutableArray<string>> WantCallsAsync(CallsWanted? wanted);
}
