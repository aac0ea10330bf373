namespace Sluice.Tests.Unit.Simulation;

/// <summary>What a network does to messages.</summary>
/// <param name="Loss">The chance that a message is lost.</param>
/// <param name="Double">The chance that it comes twice.</param>
/// <param name="Slow">The chance that it takes up to <paramref name="Slowest"/>.</param>
/// <param name="Slowest">The longest way.</param>
public sealed record NetworkFaults(double Loss, double Double, double Slow, TimeSpan Slowest)
{
    public static NetworkFaults None { get; } = new(0, 0, 0, TimeSpan.Zero);
}

/// <summary>An answer, or that none came in time.</summary>
public readonly record struct Answer<T>(bool Came, T Value);

/// <summary>Carries messages between nodes: late, lost, doubled, out of order, and cut off in one direction.</summary>
public sealed class SimulatedNetwork(Simulator simulator)
{
    private static readonly TimeSpan Fastest = TimeSpan.FromMilliseconds(0.2);
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(3);
    private readonly HashSet<(string From, string To)> _cuts = [];

    /// <summary>What goes wrong with each message.</summary>
    public NetworkFaults Faults { get; set; } = NetworkFaults.None;

    /// <summary>Messages of one direction are lost until it is healed. Names are prefixes: <c>edge</c> cuts all edges.</summary>
    public void Cut(string from, string to) => _cuts.Add((from, to));

    /// <summary>All is whole again.</summary>
    public void Heal()
    {
        _cuts.Clear();
        Faults = NetworkFaults.None;
    }

    /// <summary>Sends a message: something that is done on the receiver when it arrives.</summary>
    public void Send(SimulatedNode from, SimulatedNode to, Action arrive)
    {
        if (IsCut(from, to) || simulator.Random.Happens(Faults.Loss))
        {
            return;
        }

        var copies = simulator.Random.Happens(Faults.Double) ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var most = simulator.Random.Happens(Faults.Slow) ? Faults.Slowest : Usual;
            simulator.After(simulator.Random.Between(Fastest, most), arrive, to);
        }
    }

    /// <summary>Asks, and waits for the answer at most so long on the asker's clock.</summary>
    public Task<Answer<T>> CallAsync<T>(SimulatedNode from, SimulatedNode to, Func<Task<T>> handle, TimeSpan bound)
    {
        var answer = new TaskCompletionSource<Answer<T>>();
        Send(from, to, () => simulator.Start(async () =>
        {
            var value = await handle();
            Send(to, from, () => answer.TrySetResult(new Answer<T>(true, value)));
        }));
        from.After(bound, () => answer.TrySetResult(default));
        return answer.Task;
    }

    private bool IsCut(SimulatedNode from, SimulatedNode to) => _cuts.Count > 0
        && _cuts.Any(c => from.Name.StartsWith(c.From, StringComparison.Ordinal) && to.Name.StartsWith(c.To, StringComparison.Ordinal));
}
