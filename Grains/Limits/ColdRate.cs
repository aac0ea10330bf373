using Sluice.Revisions.Resources;

namespace Sluice.Grains.Limits;

/// <summary>
/// Which limits are too small to be divided: where an edge's equal part has less than two requests in the time that a share is lent for, one edge would refuse what another
/// has left. The grain decides on each request of such a limit. See docs/accounting.md, "Small limits".
/// </summary>
internal static class ColdRate
{
    private const int FewRequests = 2;
    private const long Item = 1_000_000;

    /// <summary>Whether the grain decides.</summary>
    /// <param name="limit">As declared.</param>
    /// <param name="edges">How many use it.</param>
    /// <param name="tokensEach">What a request asks for, in the mean.</param>
    /// <param name="length">How long a share is lent for.</param>
    public static bool Is(LimitResource limit, int edges, double tokensEach, TimeSpan length) =>
        IsLess(limit.Requests, FewRequests * edges, length) || IsLess(limit.Tokens, FewRequests * edges * tokensEach, length);

    /// <summary>So much is stored as taken ahead of being asked for, in millionths: a second of the rate, or a sixteenth of its burst, and at least one item. Not each request writes.</summary>
    public static long Block(Rate? rate) =>
        rate is null ? 0 : (long)Math.Clamp(Math.Max(rate.Amount / rate.Per.TotalSeconds, rate.Burst / 16.0), 1, long.MaxValue / 8 / Item) * Item;

    private static bool IsLess(Rate? rate, double few, TimeSpan length) => rate is not null && rate.Amount * (length / rate.Per) < few;
}
