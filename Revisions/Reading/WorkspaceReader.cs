using Sluice.Grains.Interfaces.Idempotency;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Workspace</c>.</summary>
internal static class WorkspaceReader
{
    private static readonly TimeSpan MostStale = TimeSpan.FromDays(365);

    public static Resource Read(string name, Fields fields)
    {
        var strict = fields.Flag("strict") ?? false;
        var declared = fields.OneOf<WithoutLease>("whenUnreachable", strict ? WithoutLease.Closed : WithoutLease.Static);
        if (strict && declared is WithoutLease.Static)
        {
            fields.Wrong("whenUnreachable", "cannot be static with strict: true, under which an edge without a lease admits nothing; leave it out");
        }

        TimeSpan? most = fields.Has("maxStale") ? fields.Time("maxStale", TimeSpan.FromSeconds(1), MostStale, MostStale) : null;
        if (most is not null && (strict || declared is WithoutLease.Closed))
        {
            fields.Wrong("maxStale", "has no effect where an edge without a lease admits nothing; leave it out");
        }

        var window = fields.Time("idempotencyWindow", TimeSpan.FromMinutes(1), ClaimTimes.LongestWindow, WorkspaceResource.DefaultIdempotencyWindow);
        return new WorkspaceResource(name, strict, declared, most) { IdempotencyWindow = window };
    }
}
