using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage.Results;

/// <summary>What became of some requests.</summary>
public sealed class ResultFigures
{
    private readonly List<float> _times = [];

    /// <summary>1 for a request that failed.</summary>
    public BoundedSample Failures { get; } = new();

    /// <summary>Of those that were answered, in milliseconds.</summary>
    public Sample Times { get; } = new();

    /// <summary>Of each request, in 10⁻⁹ of a US dollar.</summary>
    public Sample Costs { get; } = new();

    /// <summary>By the score's name.</summary>
    public SortedDictionary<string, BoundedSample> Scores { get; } = new(StringComparer.Ordinal);

    /// <summary>The requests.</summary>
    public long Requests => Failures.Count;

    /// <summary>How many failed.</summary>
    public long Failed { get; private set; }

    /// <summary>All their input.</summary>
    public long InputTokens { get; private set; }

    /// <summary>All their output.</summary>
    public long OutputTokens { get; private set; }

    /// <summary>All their cost.</summary>
    public long CostNano { get; private set; }

    /// <summary>The time in milliseconds that this part of the answered requests did not take longer than; null: none was answered.</summary>
    /// <param name="quantile">0 to 1.</param>
    public double? Time(double quantile)
    {
        if (_times.Count == 0)
        {
            return null;
        }

        _times.Sort();
        return _times[Math.Clamp((int)Math.Ceiling(quantile * _times.Count) - 1, 0, _times.Count - 1)];
    }

    /// <summary>Adds a request.</summary>
    public void Add(in RequestTally request, IEnumerable<RequestScore> scores)
    {
        var hasFailed = request.HasFailed;
        Failures.Add(hasFailed ? 1 : 0);
        Failed += hasFailed ? 1 : 0;
        if (request.IsAnswered)
        {
            _times.Add((float)request.Took.TotalMilliseconds);
            Times.Add(request.Took.TotalMilliseconds);
        }

        Costs.Add(request.CostNano);
        (InputTokens, OutputTokens, CostNano) = checked((InputTokens + request.InputTokens, OutputTokens + request.OutputTokens, CostNano + request.CostNano));
        foreach (var score in scores)
        {
            if (!Scores.TryGetValue(score.Name, out var sample))
            {
                Scores.Add(score.Name, sample = new BoundedSample());
            }

            sample.Add(score.Score);
        }
    }
}

/// <summary>What the attempts of one request come to.</summary>
/// <param name="Prompt">The prompt and its version.</param>
/// <param name="Target">Of the attempt that decided: the one that was answered, or else the last.</param>
/// <param name="Status">Of that attempt.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Took">From the request's coming to that attempt's end.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RequestTally(string Prompt, string Target, int Status, int Attempt, TimeSpan Took, long InputTokens, long OutputTokens, long CostNano)
{
    /// <summary>The client got an answer.</summary>
    public bool IsAnswered => Status is >= 200 and < 300;

    /// <summary>The client got none, for a reason that is not its own.</summary>
    public bool HasFailed => Status is 0 or 401 or 403 or 404 or 429 or >= 500;

    /// <summary>Of the first attempt that is known.</summary>
    public static RequestTally Of(AttemptRecord record) => new(
        record.Prompt, record.Target, record.Status, record.Attempt, record.Ended - record.Arrived, record.Tokens.Input, record.Tokens.Output, record.CostNano);

    /// <summary>With another attempt.</summary>
    public RequestTally With(AttemptRecord record)
    {
        var next = Of(record);
        var decides = next.IsAnswered != IsAnswered ? next.IsAnswered : next.Attempt > Attempt;
        return checked((decides ? next : this) with
        {
            InputTokens = InputTokens + next.InputTokens, OutputTokens = OutputTokens + next.OutputTokens, CostNano = CostNano + next.CostNano,
        });
    }
}
