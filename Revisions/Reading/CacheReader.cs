using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Cache</c>.</summary>
internal static class CacheReader
{
    private const long MostSize = 64L << 30;
    private const long MostAnswer = 64L << 20;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    public static Resource Read(string name, Fields fields)
    {
        var size = Sizes.Read(fields, "size", MostSize) ?? 64L << 20;
        var answer = Sizes.Read(fields, "largestAnswer", MostAnswer) ?? Math.Min(1L << 20, size);
        if (answer > size)
        {
            fields.Wrong("largestAnswer", $"is more than the cache holds; at most {Sizes.Format(size)}, its size");
        }

        var maxAge = fields.Time("maxAge", Shortest, CacheResource.Longest, CacheResource.Longest);
        return new CacheResource(name, size, answer, fields.OneOf<CachePer>("per", CachePer.Tenant))
        {
            Age = fields.Has("age") ? fields.Time("age", Shortest, maxAge, maxAge) : null,
            MaxAge = maxAge,
            StaleWhileRevalidate = fields.Time("staleWhileRevalidate", TimeSpan.Zero, CacheResource.Longest, TimeSpan.Zero),
            Charge = Percents.Read(fields, "charge", 0, 0),
            StaleIfError = fields.Time("staleIfError", TimeSpan.Zero, CacheResource.Longest, TimeSpan.Zero),
            WaitForSame = fields.Has("waitForSame") ? fields.Time("waitForSame", TimeSpan.Zero, LongestWait, TimeSpan.Zero) : null,
        };
    }
}
