using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Sources;

namespace Sluice.Silo.Sources;

/// <summary>
/// Looks at one source again and again, where no other silo does: reads it whole, and applies it as one change, or not at all and says what is wrong. What is the
/// same as at the last look, under the same head, is not sent again.
/// </summary>
internal sealed class SourceWatch(SourceOptions options, IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time, ILogger<SourceWatch> log) : BackgroundService
{
    private const int MostErrors = 100;

    private readonly SourceClaim _claim = new(options.Owner, Path.GetFullPath(options.Path), silo.Name, options.Every);

    // What was told last: of this content, under this head.
    private (string Digest, string? Commit, long Head)? _told;
    private bool _isInTrouble;

    private ICatalogGrain Catalog => grains.GetGrain<ICatalogGrain>(options.Workspace);

    private ISourcesGrain Sources => grains.GetGrain<ISourcesGrain>(options.Workspace);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TryLookAsync(stoppingToken);
                await Task.Delay(options.Every, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops; another one takes the watch when this one has been silent.
        }
    }

    private async Task TryLookAsync(CancellationToken cancellation)
    {
        try
        {
            await LookAsync(cancellation);
            _isInTrouble = false;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // The cluster or its storage does not answer: the next look tries again, and one line is enough.
            if (!_isInTrouble)
            {
                log.LogWarning(e, "{Owner} could not be looked at; it is tried again every {Every}", options.Owner, options.Every);
            }

            (_isInTrouble, _told) = (true, null);
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        // Before the first revision there is nothing to follow on: the silo makes it at its first start.
        var head = (await Catalog.GetHeadAsync()).Revision;
        if (head == 0 || !await Sources.ClaimAsync(_claim))
        {
            _told = null;
            return;
        }

        var content = options.Kind is SourceOptions.Git
            ? await new GitReader(options, time).ReadAsync(cancellation)
            : await new FolderReader(options.Path, time).ReadAsync(cancellation);
        if (content.Errors.IsEmpty && _told == (content.Digest, content.Commit, head))
        {
            return;
        }

        var (report, active) = await ApplyAsync(content, head);
        await Sources.ReportAsync(report);
        _told = content.Errors.IsEmpty ? (content.Digest, content.Commit, active) : null;
    }

    private async Task<(SourceReport Report, long Head)> ApplyAsync(SourceContent content, long head)
    {
        if (!content.Errors.IsEmpty)
        {
            return (Failed(content.Errors), head);
        }

        var bundle = SourceBundle.Read(content.Files);
        if (!bundle.Errors.IsEmpty)
        {
            return (Failed(bundle.Errors), head);
        }

        if (bundle.Resources.IsEmpty)
        {
            return (Failed([new SourceError("", null, "", "its files hold no resource: nothing is removed for that")]), head);
        }

        var outcome = await Catalog.PublishAsync(new PublishRequest(
            bundle.Resources,
            [],
            Prune: true,
            IfMatch: null,
            DryRun: false,
            new Author(options.Owner, options.Kind, silo.Name),
            content.Reason,
            Wait: false,
            Owner: options.Owner,
            TakeOver: options.TakeOver));
        return outcome switch
        {
            PublishOutcome.Published published => (Applied(published.Head.Revision), published.Head.Revision),
            PublishOutcome.Unchanged unchanged => (Applied(null), unchanged.Head.Revision),
            PublishOutcome.Invalid invalid => (Failed([.. invalid.Errors.Select(bundle.Locate)]), head),
            PublishOutcome.OwnedByOthers others => (Failed([.. others.Resources.Select(o => bundle.Locate(new FieldError($"{o.Kind}/{o.Name}", $"belongs to {o.Owner}: change it there, delete it there, or set TakeOver for this source")))]), head),
            PublishOutcome.Refused refused => (Failed([bundle.Locate(new FieldError(refused.Refusal.Path, $"an edge cannot run it: {refused.Refusal.Message}"))]), head),
            PublishOutcome.Unheld unheld => (Failed([new SourceError("", null, "", $"the workspace is strict, and edges were silent: {string.Join(", ", unheld.Edges)}")]), head),
            _ => throw new InvalidOperationException($"Not an outcome of this publish: {outcome.GetType().Name}."),
        };

        SourceReport Applied(long? revision) => new(_claim, SourceState.Applied, revision, content.Commit, []);

        SourceReport Failed(ImmutableArray<SourceError> errors) => new(_claim, SourceState.Failed, null, content.Commit, errors.Length > MostErrors ? errors[..MostErrors] : errors);
    }
}
