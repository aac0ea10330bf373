using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Catalog;

public sealed class RevisionStoreTests
{
    private readonly OneRow _row = new();
    private readonly RevisionStore _store;

    public RevisionStoreTests() =>
        _store = new RevisionStore(new RevisionTable(_row, "w"), new HeadStore(_row, GrainId.Create("catalog", "w"), NullLogger.Instance));

    [Fact]
    public async Task A_claim_goes_on_while_edges_come_and_go_in_the_row()
    {
        await _store.RefreshAsync();
        _row.BeforeWrite(times: 3, row => row with { Edges = row.Edges.Add(string.Create(CultureInfo.InvariantCulture, $"e{row.Edges.Count}"), 0) });

        await _store.ClaimAsync();

        Assert.Equal(1, _store.Head.Term);
        Assert.Equal(["e0", "e1", "e2"], _store.Head.Edges.Keys);
        Assert.Equal(_store.Head, _row.Stored);
    }

    [Fact]
    public async Task A_claim_gives_way_to_another_activation()
    {
        await _store.RefreshAsync();
        _row.BeforeWrite(times: 1, HeadMoves.Claim);

        await Assert.ThrowsAsync<InconsistentStateException>(_store.ClaimAsync);
        Assert.Equal(1, _row.Stored!.Term);
    }

    [Fact]
    public async Task A_claim_ends_where_others_write_again_and_again()
    {
        await _store.RefreshAsync();
        _row.BeforeWrite(times: 1000, row => row with { Changes = row.Changes + 1 });

        await Assert.ThrowsAsync<InconsistentStateException>(_store.ClaimAsync);
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_told_as_what_it_made_though_others_came_since()
    {
        await _store.RefreshAsync();
        await _store.ClaimAsync();
        _row.AfterWrite(row => row with { Term = row.Term + 1, Revision = row.Revision + 1, Hash = "later" });

        var made = await _store.CommitAsync(new Commit(1, 1, "mine", "id", "audit"));

        Assert.Equal(new Head(1, 1, "mine"), made);
        Assert.Equal(2, _store.Head.Revision);
    }

    /// <summary>Storage of the head's row, into which another writer writes just before us.</summary>
    private sealed class OneRow : IGrainStorage
    {
        private Func<HeadRow, HeadRow> _other = static row => row;
        private Func<HeadRow, HeadRow>? _after;
        private int _times;
        private int _version;

        public HeadRow? Stored { get; private set; }

        public void BeforeWrite(int times, Func<HeadRow, HeadRow> other) => (_times, _other) = (times, other);

        /// <summary>The next write is done, another follows on it, and the answer is lost.</summary>
        public void AfterWrite(Func<HeadRow, HeadRow> other) => _after = other;

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            grainState.RecordExists = Stored is not null;
            grainState.ETag = Stored is null ? null : Tag();
            grainState.State = Stored is null ? grainState.State : (T)(object)Stored;
            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (_times-- > 0)
            {
                (Stored, _version) = (_other(Stored ?? HeadRow.None), _version + 1);
            }

            if (!string.Equals(grainState.ETag, Stored is null ? null : Tag(), StringComparison.Ordinal))
            {
                throw new InconsistentStateException("Another write came first.");
            }

            (Stored, _version) = ((HeadRow)(object)grainState.State!, _version + 1);
            if (_after is { } after)
            {
                _after = null;
                (Stored, _version) = (after(Stored!), _version + 1);
                throw new TimeoutException();
            }

            (grainState.ETag, grainState.RecordExists) = (Tag(), true);
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

        private string Tag() => _version.ToString(CultureInfo.InvariantCulture);
    }
}
