using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>Where the gateway cuts a stream that passes untouched.</summary>
/// <param name="Last">The data of the last event.</param>
/// <param name="Answers">Answers asked for.</param>
/// <param name="Finished">Those that have ended already, a bit each.</param>
/// <param name="Usage">What is charged; null: the caller did not ask for it.</param>
internal readonly record struct StreamCut(ReadOnlyMemory<byte> Last, long Answers, UInt128 Finished, TokenCounts? Usage);
