using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orleans.Storage;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Catalog;

public sealed class RevisionBodiesTests
{
    private const int Revisions = 300;
    private readonly Rows _rows = new();
    private readonly RevisionTable _table;

    public RevisionBodiesTests() => _table = new RevisionTable(_rows, "w");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_changed_and_let_go_the_others_are_read_as_they_were(int seed)
    {
        var random = new Random(seed);
        var resources = Enumerable.Range(0, 150).ToDictionary(Name, n => Body(Name(n), "first"), StringComparer.Ordinal);
        var published = new List<ImmutableArray<ResourceBody>>();
        var gone = new HashSet<int>();
        var bodies = new RevisionBodies(_table);
        for (var number = 1; number <= Revisions; number++)
        {
            var changes = random.Next(20) == 0 ? 60 : random.Next(1, 4);
            for (var i = 0; i < changes; i++)
            {
                var name = Name(random.Next(160));
                if (random.Next(5) == 0)
                {
                    resources.Remove(name);
                }
                else
                {
                    resources[name] = Body(name, string.Create(CultureInfo.InvariantCulture, $"{number} {i}"));
                }
            }

            published.Add(RevisionCompiler.Order(resources.Values));
            bodies = random.Next(10) == 0 ? new RevisionBodies(_table) : bodies;
            await StoreAsync(bodies, number, published[^1]);

            // Never the active one; the oldest first, but for some that are pinned, and again after a kill.
            for (var old = number - 50; old is > 0 && old > number - 53; old--)
            {
                if (old % 7 != 0)
                {
                    await new RevisionBodies(_table).PruneAsync(await _table.ReadRowAsync<InfoRow>(old), number);
                    gone.Add(old);
                }
            }
        }

        for (var number = 1; number <= Revisions; number++)
        {
            var read = (await new RevisionBodies(_table).FindAsync(await _table.ReadRowAsync<InfoRow>(number)))!;
            Assert.Equal(gone.Contains(number), read.Pruned);
            Assert.Equal(read.Pruned ? "" : Text(published[number - 1]), Text(read.Resources));
        }
    }

    [Fact]
    public async Task A_small_change_of_a_large_revision_is_stored_as_what_differs()
    {
        var bodies = new RevisionBodies(_table);
        var large = Enumerable.Range(0, 1000).Select(n => Body(Name(n), "first")).ToImmutableArray();
        await StoreAsync(bodies, 1, large);
        await StoreAsync(bodies, 2, large.SetItem(7, Body(Name(7), "second")));

        var delta = await _table.ReadRowAsync<DeltaRow>(2);
        Assert.Equal((1, Name(7)), (delta.Base, Assert.Single(delta.Put).Name));
        Assert.Null(await _table.FindRowAsync<BodyRow>(2));
    }

    [Fact]
    public async Task What_nothing_rests_on_any_more_is_let_go()
    {
        var bodies = new RevisionBodies(_table);
        var large = Enumerable.Range(0, 200).Select(n => Body(Name(n), "first")).ToImmutableArray();
        await StoreAsync(bodies, 1, large);
        await StoreAsync(bodies, 2, large.SetItem(7, Body(Name(7), "second")));
        await StoreAsync(bodies, 3, [.. large.Select(r => Body(r.Name, "third"))]);

        await bodies.PruneAsync(await _table.ReadRowAsync<InfoRow>(1), 3);
        Assert.Equal((true, 200), ((await _table.ReadRowAsync<BodyRow>(1)).Pruned, (await _table.ReadRowAsync<BodyRow>(1)).Resources.Length));
        await bodies.PruneAsync(await _table.ReadRowAsync<InfoRow>(2), 3);
        Assert.Empty((await _table.ReadRowAsync<BodyRow>(1)).Resources);
        Assert.Equal(200, (await _table.ReadRowAsync<BodyRow>(3)).Resources.Length);
    }

    private async Task StoreAsync(RevisionBodies bodies, long number, ImmutableArray<ResourceBody> resources)
    {
        var info = new RevisionSummary(
            number, RevisionCompiler.Hash(resources), DateTimeOffset.UnixEpoch, new Author("a", "b", "c"), Reason: null, resources.Length, Changes: [], RollbackOf: null);
        await bodies.StoreAsync(new InfoRow(1, info), resources, number - 1);
    }

    private static string Name(int n) => string.Create(CultureInfo.InvariantCulture, $"r{n:d4}");

    private static ResourceBody Body(string name, string text) => new("Route", name, Encoding.UTF8.GetBytes($"\"{text}\""), text, Owner: null);

    private static string Text(ImmutableArray<ResourceBody> resources) => string.Join('\n', resources.Select(r => $"{r.Name} {Encoding.UTF8.GetString(r.Json)}"));

    /// <summary>Rows as objects: what is written to them is never changed afterwards.</summary>
    private sealed class Rows : IGrainStorage
    {
        private readonly Dictionary<(string, GrainId), object> _rows = [];

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            grainState.RecordExists = _rows.TryGetValue((stateName, grainId), out var row);
            grainState.State = row is T state ? state : default!;
            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            _rows[(stateName, grainId)] = grainState.State!;
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
    }
}
