using System.Collections.Immutable;
using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Rollouts;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Rollouts;

/// <summary>A publish whose answer was lost, because a silo was killed between it and its record, or the call ran out of time.</summary>
public sealed class SplitPublishTests
{
    private static readonly Author Ann = new("ann", "api", "");
    private static readonly StoredRollout Rollout = new() { Spec = Counted.Spec(Counted.Guard(), 100, 10_000), Before = [new("v1", 1), new("v2", 0)], Now = [new("v1", 1), new("v2", 0)] };
    private static readonly PendingPublish First = new("first", 1, RolloutState.Running, "the rollout begins", Ann);

    [Fact]
    public async Task A_publish_whose_answer_was_lost_is_known_again_and_makes_no_second_revision()
    {
        var catalog = new ScriptedCatalog { LosesAnswers = true };
        await Assert.ThrowsAsync<TimeoutException>(() => new SplitPublish(catalog, "r").PublishAsync(Rollout, First));
        catalog.LosesAnswers = false;

        var end = Assert.IsType<SplitPublish.Published>(await new SplitPublish(catalog, "r").PublishAsync(Rollout, First));

        Assert.Equal((2, 2), (catalog.Head.Revision, end.Revision));
    }

    [Fact]
    public async Task The_way_back_is_open_also_from_a_step_whose_answer_was_lost()
    {
        var catalog = new ScriptedCatalog { LosesAnswers = true };
        await Assert.ThrowsAsync<TimeoutException>(() => new SplitPublish(catalog, "r").PublishAsync(Rollout, First));
        catalog.LosesAnswers = false;

        await new SplitPublish(catalog, "r").PublishAsync(Rollout, new PendingPublish("back", 0, RolloutState.Aborted, "somebody asked for it", Ann));

        Assert.Equal(Rollout.Before, SplitBody.Read(catalog.Route)!.Value);
    }

    [Fact]
    public async Task A_change_of_other_things_that_came_first_is_kept_and_one_of_the_split_ends_it()
    {
        var catalog = new ScriptedCatalog();
        catalog.Before = () => catalog.Put("""{ "kind": "Route", "name": "shop", "match": { "path": "/other" }, "split": [{ "upstream": "v1" }, { "upstream": "v2", "weight": 0 }] }""");
        Assert.IsType<SplitPublish.Published>(await new SplitPublish(catalog, "r").PublishAsync(Rollout, First));
        Assert.Contains("/other", Encoding.UTF8.GetString(catalog.Route.Json), StringComparison.Ordinal);

        catalog.Before = () => catalog.Put("""{ "kind": "Route", "name": "shop", "match": { "path": "/other" }, "split": [{ "upstream": "v1", "weight": 7 }, { "upstream": "v2", "weight": 3 }] }""");
        var next = Rollout with { Step = 1, Now = SplitBody.Read(catalog.Route)!.Value };
        var stopped = Assert.IsType<SplitPublish.Stopped>(await new SplitPublish(catalog, "r").PublishAsync(next, First with { PublishId = "second", Step = 2 }));

        Assert.Contains("changed by somebody else", stopped.Why, StringComparison.Ordinal);
        Assert.Equal([new SplitWeight("v1", 7), new SplitWeight("v2", 3)], SplitBody.Read(catalog.Route)!.Value);
    }

    /// <summary>A catalog of one route that knows publish ids and <c>If-Match</c> as the real one does.</summary>
    private sealed class ScriptedCatalog : ICatalogGrain
    {
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

        public ScriptedCatalog() => Put("""{ "kind": "Route", "name": "shop", "match": { "path": "/shop" }, "split": [{ "upstream": "v1" }, { "upstream": "v2", "weight": 0 }] }""");

        /// <summary>Publishes, and then the call fails.</summary>
        public bool LosesAnswers { get; set; }

        /// <summary>What somebody else does right before the next publish.</summary>
        public Action? Before { get; set; }

        public Head Head { get; private set; } = new(1, 0, "");

        public ResourceBody Route { get; private set; } = null!;

        public void Put(string json)
        {
            Route = ResourceReader.Read(Encoding.UTF8.GetBytes(json)).Body!;
            Head = Head with { Revision = Head.Revision + 1 };
        }

        public Task<Head> GetHeadAsync() => Task.FromResult(Head);

        public Task<ResourceBody?> GetResourceAsync(string kind, string name) => Task.FromResult<ResourceBody?>(Route);

        public Task<ImmutableArray<ResourceBody>> GetResourcesAsync(string kind) => throw new NotSupportedException();

        public Task<PublishOutcome> PublishAsync(PublishRequest request)
        {
            (var before, Before) = (Before, null);
            before?.Invoke();
            if (_ids.Contains(request.PublishId!))
            {
                return Task.FromResult<PublishOutcome>(new PublishOutcome.Unchanged(Head, BarrierReport.NotAwaited));
            }

            if (request.IfMatch != Head.Revision)
            {
                return Task.FromResult<PublishOutcome>(new PublishOutcome.Conflict(Head, []));
            }

            _ids.Add(request.PublishId!);
            Put(Encoding.UTF8.GetString(Assert.Single(request.Put)));
            return LosesAnswers ? throw new TimeoutException() : Task.FromResult<PublishOutcome>(new PublishOutcome.Published(Head, [], System.Collections.Immutable.ImmutableDictionary<string, TimeSpan>.Empty, BarrierReport.NotAwaited));
        }

        public Task<PublishOutcome> RollbackAsync(long to, long? ifMatch, Author author, string? reason, bool takeOver = false) => throw new NotSupportedException();

        public Task<IReadOnlyList<AuditEntry>> GetAuditAsync(long from, int limit) => throw new NotSupportedException();

        public Task<AuditReport> VerifyAuditAsync() => throw new NotSupportedException();

        public Task<IReadOnlyList<RevisionSummary>> GetHistoryAsync(long? before, int limit) => throw new NotSupportedException();

        public Task<Revision?> GetRevisionAsync(long number) => throw new NotSupportedException();

        public Task<RevisionDelta?> FindDeltaAsync(long number, string hash, long basisNumber, string basisHash) => throw new NotSupportedException();

        public Task<Revision?> FindBodyAsync(long number, string hash) => throw new NotSupportedException();
    }
}
