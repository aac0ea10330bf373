using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Tokens;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Deferred;

/// <summary>What a request of a batch used whose answer tells no usage: what it says, counted by the model's vocabulary, and what its answer can have. Never more than the largest of the batch.</summary>
internal static class BatchEstimate
{
    /// <summary>Of one.</summary>
    /// <param name="work">As it was admitted.</param>
    /// <param name="request">The line of the file.</param>
    /// <param name="body">The request in it.</param>
    /// <param name="answerBytes">Of the line with its answer.</param>
    public static TokenCounts Of(DeferredWork work, in BatchLine request, ReadOnlySpan<byte> body, long answerBytes)
    {
        // A token of an answer has at least one byte; what only reads has none.
        var output = Math.Min(work.Largest.Output, answerBytes);
        var scan = BatchScope.Scan(request.Url, body, out var fault);
        if (fault is not null || scan.Input.UnboundPlace is not null)
        {
            return work.Largest with { Output = output };
        }

        var model = work.Target[(work.Target.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var images = ImageRule.Of(model);
        var bound = body.Length <= CountingTurns.LongestBody
            ? new InputCount(Vocabularies.Of(model), images).Bound(body, scan.Input.Images)
            : TokenBounds.OfText(body.Length - scan.Input.FileExcess) + (scan.Input.Images * InputCount.DearestImage(images));
        return new TokenCounts { Input = Math.Min(work.Largest.Input, bound), Output = output };
    }
}
