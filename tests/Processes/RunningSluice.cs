namespace Sluice.Tests.Processes;

/// <summary>One running Sluice: where it is reached and what its start printed.</summary>
public abstract class RunningSluice : IAsyncDisposable
{
    /// <summary>The line of JSON that a start prints: null fields where it has no such thing.</summary>
    public StartLine Line { get; protected set; } = new(null, null, null, null);

    /// <summary>For clients; of those with an edge.</summary>
    public Uri Edge => new(Line.Edge!);

    /// <summary>For operators; of those with a silo.</summary>
    public Uri Admin => new(Line.Admin!);

    /// <summary>Asks it to end, and answers its exit code.</summary>
    public abstract Task<int> StopAsync();

    /// <summary>Ends it.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>What a start prints with <c>--json</c>.</summary>
public sealed record StartLine(string? Edge, string? Admin, string? AdminKey, string? TenantKey)
{
    public override string ToString() => $"{Edge} {Admin} ***";
}
