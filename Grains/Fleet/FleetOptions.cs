namespace Sluice.Grains.Fleet;

/// <summary>How edges hold their right to admit.</summary>
public sealed class FleetOptions
{
    /// <summary>The lease's length; edges renew after a third of it. Default 3 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(3);
}
