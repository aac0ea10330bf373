namespace Sluice.Storage.Records;

/// <summary>Every state of one name of one kind of grain.</summary>
public readonly record struct StateKind(string GrainType, string StateName)
{
    /// <summary>The kind of grain in which Orleans keeps subscriptions of streams.</summary>
    internal const string Subscriptions = "pubsubrendezvous";
}
