namespace Sluice.Edge.Upstreams;

/// <summary>What is known of an address: how many requests it serves, whether its probes and its requests go well.</summary>
internal sealed class AddressState
{
    /// <summary>Requests being served.</summary>
    public int InFlight;

    /// <summary>Those of them that hold a place among the connections of an upstream that bounds them.</summary>
    public int Held;

    /// <summary>False after failed probes, until enough succeed.</summary>
    public volatile bool Healthy = true;

    private long _wellSince;

    /// <summary>When it came, or was found well again by its probes.</summary>
    public TimeSpan WellSince
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _wellSince));
        set => Volatile.Write(ref _wellSince, value.Ticks);
    }

    /// <summary>What its probes said last.</summary>
    public ProbeRow Probes { get; } = new();

    /// <summary>What its requests say of it, where its upstream declares ejection.</summary>
    public AddressEjection Ejection { get; } = new();
}
