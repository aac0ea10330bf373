using System.Text.Json.Nodes;

namespace Sluice.Storage;

/// <summary>How states of one type are laid out as JSON: the version that is written, and steps by which records of other versions become it.</summary>
/// <param name="Type">The states' type. One that has no layout has version 1 and no steps.</param>
/// <param name="Version">The version that is written; from 1 on.</param>
/// <param name="Steps">
/// What turns a record of a version into one of the next that is nearer to <paramref name="Version"/>: from 1 to 2 to 3, and from 4 to 3 where the release after
/// this one writes 4. A step sees the members without the version. Escapes inside strings may be others after it.
/// </param>
public sealed record StateLayout(Type Type, int Version, IReadOnlyDictionary<int, Func<JsonObject, JsonObject>> Steps)
{
    private int Oldest => Steps.Keys.Append(Version).Min();

    private int Newest => Steps.Keys.Append(Version).Max();

    /// <summary>What is wrong with it; null: every version between the oldest and the newest leads to the one that is written.</summary>
    internal string? Error => Oldest >= 1 && !Steps.ContainsKey(Version) && Steps.Count == Newest - Oldest ? null : FormattableString.Invariant(
        $"the layout of {Type.Name} must have one step from each version from {Oldest} (1 at the least) to {Newest}, but none from {Version}, the one that is written");

    /// <summary>Brings a record of another version to this one.</summary>
    /// <exception cref="InvalidDataException">It is too new or too old.</exception>
    internal JsonObject Convert(JsonObject record, int from)
    {
        if (from > Newest)
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"the record has version {from} and was written by a newer Sluice; this one reads versions up to {Newest}. Start silos of the newer release, or restore a backup of before it"));
        }

        if (from < Oldest)
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"the record has version {from}, and this Sluice reads versions from {Oldest} on. Start the releases in between first, one minor version after the other"));
        }

        for (var version = from; version != Version; version += version < Version ? 1 : -1)
        {
            record = Steps[version](record);
        }

        return record;
    }
}
