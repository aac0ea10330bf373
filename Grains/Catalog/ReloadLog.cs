using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Metrics;

namespace Sluice.Grains.Catalog;

/// <summary>Counts each publish at its end and has it kept, whatever it came to. No publish waits for that, and none fails by it.</summary>
public sealed class ReloadLog(IGrainFactory grains, ReloadMeter meter, AuthorMeter authors, TimeProvider time, ILogger<ReloadLog> log)
{
    /// <summary>Gives back what the publish came to.</summary>
    /// <param name="workspace">Whose publish.</param>
    /// <param name="author">Who asked for it.</param>
    /// <param name="isRollback">Whether it is a way back.</param>
    /// <param name="publish">The publish.</param>
    public async Task<PublishOutcome> FollowAsync(string workspace, Author author, bool isRollback, Task<PublishOutcome> publish)
    {
        try
        {
            var outcome = await meter.CountAsync(isRollback ? ReloadMeter.Rollback : author.Via, publish);
            if (ReloadRules.OutcomeOf(outcome) is { } became)
            {
                authors.Count(author.Name, became);
            }

            Keep(workspace, ReloadRules.Of(outcome, author, isRollback, time.GetUtcNow()));
            return outcome;
        }
        catch (Exception e)
        {
            authors.Count(author.Name, ReloadOutcome.Failed);
            Keep(workspace, ReloadRules.Failed(e.Message, author, isRollback, time.GetUtcNow()));
            throw;
        }
    }

    private void Keep(string workspace, Reload? reload)
    {
        if (reload is not null)
        {
            KeepAsync(workspace, reload).Ignore();
        }
    }

    private async Task KeepAsync(string workspace, Reload reload)
    {
        try
        {
            await grains.GetGrain<IReloadsGrain>(ReloadDays.KeyOf(workspace, DateOnly.FromDateTime(reload.At.UtcDateTime))).AppendAsync(reload);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "A publish of {Workspace} by {Author} came to {Outcome}, which could not be kept.", workspace, reload.Author.Name, reload.Outcome);
        }
    }
}
