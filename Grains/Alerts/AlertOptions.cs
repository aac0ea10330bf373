namespace Sluice.Grains.Alerts;

/// <summary>How alerts are evaluated, section <c>Sluice:Alerts</c>.</summary>
public sealed record AlertOptions
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>How often processes tell what their instruments stand at, and alerts are evaluated; 100 ms to 30 s. Default 10 s.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate() => Every >= Shortest && Every <= Longest ? [] : [$"Alerts:{nameof(Every)} must be 100ms to 30s, is {Every:c}"];
}
