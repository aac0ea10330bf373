namespace Sluice.Grains.Acme;

/// <summary>A server could not be asked, or answered that it will not.</summary>
internal sealed class AcmeException : Exception
{
    private static readonly string[] Passing = ["badNonce", "rateLimited", "serverInternal", "userActionRequired"];

    public AcmeException(string message, bool isPassing, Exception? inner = null)
        : base(message, inner) => IsPassing = isPassing;

    /// <summary>As the server answered it.</summary>
    public AcmeException(AcmeProblem problem, int status, TimeSpan? retryAfter, string doing)
        : base($"{doing}: {problem.Tell()}")
    {
        (Problem, RetryAfter) = (problem, retryAfter);
        IsPassing = status is 429 or >= 500 || Passing.Contains(problem.Name, StringComparer.Ordinal);
    }

    /// <summary>What the server said; null: it was not reached, or cannot be understood.</summary>
    public AcmeProblem? Problem { get; }

    /// <summary>For how long it wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same step may be good later; else the order is given up, and another one made.</summary>
    public bool IsPassing { get; }
}
