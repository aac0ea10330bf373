using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage.Results;

/// <summary>What the targets of a model did: the requests that each decided, and its attempts, of which a fallback may have mended the failed ones. Plain code.</summary>
public sealed class ModelResults : RequestResults
{
    private readonly SortedDictionary<string, ResultFigures> _targets = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, BoundedSample> _attempts = new(StringComparer.Ordinal);

    /// <summary>By the target that decided, as <c>provider/model</c>.</summary>
    public IReadOnlyDictionary<string, ResultFigures> Targets => _targets;

    /// <summary>Its attempts, 1 for one that failed.</summary>
    public IReadOnlyDictionary<string, BoundedSample> Attempts => _attempts;

    /// <inheritdoc />
    protected override void Take(AttemptRecord record)
    {
        if (!_attempts.TryGetValue(record.Target, out var sample))
        {
            _attempts.Add(record.Target, sample = new BoundedSample());
        }

        sample.Add(RequestTally.Of(record).HasFailed ? 1 : 0);
    }

    /// <inheritdoc />
    protected override void Count(in RequestTally request, IEnumerable<RequestScore> scores) => Of(_targets, request.Target).Add(request, scores);
}
