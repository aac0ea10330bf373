namespace Sluice.Edge.Targets;

/// <summary>What a provider told to be left of its rates, by the headers of its answers. Where it told nothing, all is left. Safe for concurrent use.</summary>
internal sealed class RateHeadroom
{
    private Told? _told;

    /// <summary>An answer told it.</summary>
    /// <param name="share">Of the tightest rate what is left, from 0 to 1.</param>
    /// <param name="resets">When all of it is there again.</param>
    public void Tell(double share, TimeSpan resets, TimeSpan now) => Volatile.Write(ref _told, new Told(Math.Clamp(share, 0, 1), now, resets));

    /// <summary>What is left by now: what was told, and what has grown since.</summary>
    public double At(TimeSpan now)
    {
        if (Volatile.Read(ref _told) is not { } told || now >= told.Resets)
        {
            return 1;
        }

        return told.Share + ((1 - told.Share) * Math.Max(0, (now - told.At) / (told.Resets - told.At)));
    }

    private sealed record Told(double Share, TimeSpan At, TimeSpan Resets);
}
