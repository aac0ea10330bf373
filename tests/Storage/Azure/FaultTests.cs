using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Storage.Azure;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Storage.Azure;

/// <summary>Grain storage on an Azurite that fails in every way a network service does.</summary>
public sealed class FaultTests(Azurite azurite) : IClassFixture<Azurite>, IAsyncLifetime
{
    private FaultProxy? _tables;
    private FaultProxy? _blobs;
    private AzureSilo? _silo;

    private FaultProxy Tables => _tables!;

    public async ValueTask InitializeAsync()
    {
        Azurite.Require();
        _tables = await FaultProxy.StartAsync(azurite.Tables);
        _blobs = await FaultProxy.StartAsync(azurite.Blobs);
        var account = AzureAccount.Parse(Azurite.ConnectionString(_tables.Address, _blobs.Address));
        _silo = await AzureSilo.StartAsync(silo => silo
            .AddAzureGrainStorage("Default", options => options.Configure(o => (o.Account, o.Deadline, o.TryTimeout) = (account, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2))))
            .AddAzureGrainStorage("hasty", options => options.Configure(o => (o.Account, o.Deadline, o.TryTimeout) = (account, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.3)))));
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_failure_that_passes_is_not_seen(int status)
    {
        var id = NewId();
        var left = 2;
        Tables.Refusals = _ => Interlocked.Decrement(ref left) >= 0 ? status : null;
        await WriteAsync(id, new GrainState<Note>(Note.Of(1)));

        left = 2;
        Assert.Equal(1, await NumberAsync(id));
    }

    [Theory]
    [InlineData(409)]
    [InlineData(412)]
    public async Task A_refusal_is_the_error_of_a_lost_race_and_changes_nothing(int status)
    {
        var id = NewId();
        var state = new GrainState<Note>(Note.Of(1));
        await WriteAsync(id, state);
        Tables.Refusals = request => HttpMethods.IsGet(request.Method) ? null : status;
        state.State = Note.Of(2);

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(id, state));

        Assert.Equal(1, await NumberAsync(id));
    }

    [Theory]
    [InlineData(Fault.CutAfter)]
    [InlineData(Fault.BusyAfter)]
    public async Task A_write_whose_answer_was_lost_is_done_once_and_its_etag_is_good(Fault fault)
    {
        var id = NewId();
        var state = new GrainState<Note>(Note.Of(1));
        await OnceAsync(fault, () => WriteAsync(id, state));
        state.State = Note.Of(2);
        await OnceAsync(fault, () => WriteAsync(id, state));
        Assert.Equal(2, await NumberAsync(id));

        await OnceAsync(fault, () => Storage.ClearStateAsync("note", id, state));
        var read = new GrainState<Note>();
        await Storage.ReadStateAsync("note", id, read);
        Assert.False(read.RecordExists);
    }

    [Theory]
    [InlineData(Fault.CutAfter)]
    [InlineData(Fault.CutBefore)]
    public async Task Transactions_whose_answers_are_lost_are_done_once(Fault fault)
    {
        var ids = Enumerable.Range(0, 64).Select(_ => NewId()).ToArray();
        var states = ids.Select((_, i) => new GrainState<Note>(Note.Of(i))).ToArray();
        for (var round = 0; round < 2; round++)
        {
            var requests = 0;
            Tables.Faults = request => HttpMethods.IsGet(request.Method) || Interlocked.Increment(ref requests) > 10 ? Fault.None : fault;
            await Task.WhenAll(ids.Select((id, i) => WriteAsync(id, states[i])));
            Tables.Faults = static _ => Fault.None;
        }

        Assert.Equal(Enumerable.Range(0, 64).Select(i => (long)i), await Task.WhenAll(ids.Select(NumberAsync)));
    }

    [Fact]
    public async Task A_large_state_whose_answers_are_lost_is_kept_whole()
    {
        var id = NewId();
        var state = new GrainState<Note>(Note.Of(1) with { Text = new string('x', 3 * 1024 * 1024) });
        var left = 1;
        _blobs!.Faults = _ => Interlocked.Decrement(ref left) >= 0 ? Fault.CutAfter : Fault.None;
        await OnceAsync(Fault.CutAfter, () => WriteAsync(id, state));

        var read = new GrainState<Note>();
        await Storage.ReadStateAsync("note", id, read);

        Assert.Equal(state.State, read.State);
    }

    [Theory]
    [InlineData(Fault.CutBefore)]
    [InlineData(Fault.Silence)]
    public async Task A_store_that_is_gone_is_a_clear_error_and_found_again_without_a_restart(Fault fault)
    {
        var (store, id) = (_silo!.Storage("hasty"), NewId());
        Tables.Faults = _ => fault;

        var write = await Assert.ThrowsAsync<StorageUnavailableException>(() => store.WriteStateAsync("note", id, new GrainState<Note>(Note.Of(1))));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.ReadStateAsync("note", id, new GrainState<Note>()));
        Assert.Contains("within 1 s", write.Message, StringComparison.Ordinal);

        Tables.Faults = static _ => Fault.None;
        await WriteAsync(id, new GrainState<Note>(Note.Of(2)));
        Assert.Equal(2, await NumberAsync(id));
    }

    [Fact]
    public async Task Under_any_faults_no_acknowledged_write_is_lost_and_none_is_done_twice()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        Tables.Faults = _ =>
        {
            lock (random)
            {
                return random.Next(10) switch { 0 => Fault.CutBefore, 1 => Fault.CutAfter, 2 => Fault.BusyAfter, _ => Fault.None };
            }
        };
        var ids = Enumerable.Range(0, 16).Select(_ => NewId()).ToArray();

        var counts = await Task.WhenAll(ids.Select(CountAsync));

        Tables.Faults = static _ => Fault.None;
        foreach (var (id, (acknowledged, unknown)) in ids.Zip(counts))
        {
            Assert.InRange(await NumberAsync(id), acknowledged, acknowledged + unknown);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in (IAsyncDisposable?[])[_silo, _tables, _blobs])
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }
    }

    private IGrainStorage Storage => _silo!.Storage("Default");

    private static GrainId NewId() => GrainId.Create("note", Guid.NewGuid().ToString("n"));

    // Ten increments of one counter: how many were acknowledged, and of how many nobody knows.
    private async Task<(int Acknowledged, int Unknown)> CountAsync(GrainId id)
    {
        var (acknowledged, unknown) = (0, 0);
        for (var i = 0; i < 10; i++)
        {
            try
            {
                var state = new GrainState<Note>();
                await Storage.ReadStateAsync("note", id, state);
                state.State = Note.Of((state.RecordExists ? state.State!.Number : 0) + 1);
                unknown++;
                await WriteAsync(id, state);
                unknown--;
                acknowledged++;
            }
            catch (StorageUnavailableException)
            {
                // Counted as unknown where the write had begun.
            }
        }

        return (acknowledged, unknown);
    }

    // The first request that changes something meets the fault; all others go through.
    private async Task OnceAsync(Fault fault, Func<Task> act)
    {
        var left = 1;
        Tables.Faults = request => !HttpMethods.IsGet(request.Method) && Interlocked.Decrement(ref left) >= 0 ? fault : Fault.None;
        await act();
        Assert.True(left <= 0, "No request met the fault.");
        Tables.Faults = static _ => Fault.None;
    }

    private Task WriteAsync(GrainId id, GrainState<Note> state) => Storage.WriteStateAsync("note", id, state);

    private async Task<long> NumberAsync(GrainId id)
    {
        var state = new GrainState<Note>();
        await Storage.ReadStateAsync("note", id, state);
        return Assert.IsType<Note>(state.State).Number;
    }
}
