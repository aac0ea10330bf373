using System.Collections.Immutable;
using System.Globalization;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Sealing;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Sealing;

namespace Sluice.Grains.CallLog;

/// <summary>
/// The bodies of a tenant's calls. A file is written before the row that says it is there, under the number that the row has as the next: what a lost silo left behind is written over. What comes goes
/// into the file of its hour while that is small, so that there are few. Turns are not interleaved. See docs/calls.md.
/// </summary>
[GrainType("call-bodies")]
internal sealed class CallBodiesGrain(
    [PersistentState("call-bodies")] IPersistentState<StoredCallBodies> stored, ICallArchive archive, KeyringSource keyring, TimeProvider time) : Grain, ICallBodiesGrain
{
    private const int MostFiles = 2_000;
    private const int MostAccesses = 1_000;
    private const long FullFile = 1 << 20;
    private Durable<StoredCallBodies>? _durable;
    private byte[]? _key;
    private bool _isListed;

    private Durable<StoredCallBodies> Stored => _durable ??= new(this, stored);

    private StoredCallBodies State => Stored.Value;

    public async Task<bool> AppendAsync(ImmutableArray<CallBody> bodies)
    {
        if (!_isListed)
        {
            var (workspace, tenant) = Names();
            await GrainFactory.GetGrain<ICallBodyTenantsGrain>(workspace).AddAsync(tenant);
            _isListed = true;
        }

        var isKept = true;
        foreach (var group in bodies.GroupBy(body => (body.Days, Hour: HourOf(body.Arrived))))
        {
            isKept &= await AddAsync([.. group], group.Key.Days, group.Key.Hour);
        }

        return isKept;
    }

    public async Task<CallBody?> ReadAsync(string request, Author author)
    {
        // Of the newest file first: it may stand in two where an edge was not answered.
        foreach (var file in State.Files.Where(file => MayHold(file, request)).Reverse())
        {
            if ((await OpenAsync(file)).Find(body => string.Equals(body.RequestId, request, StringComparison.Ordinal)) is { } found)
            {
                await Stored.WriteAsync(Accessed(State, author, BodyAct.Read, request));
                return found;
            }
        }

        return null;
    }

    public async Task<int> EraseAsync(string? request, string? user, DateTimeOffset from, DateTimeOffset to, Author author)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{(request is null ? "" : $"call {request} ")}{(user is null ? "" : $"user {user} ")}{from:O} to {to:O}");
        await Stored.WriteAsync(Accessed(State, author, BodyAct.Erased, what));
        var erased = 0;
        foreach (var file in State.Files.Where(file => file.First <= to && file.Last >= from && (request is null || MayHold(file, request))))
        {
            var bodies = await OpenAsync(file);
            var gone = bodies.RemoveAll(body => body.Arrived >= from && body.Arrived <= to
                && (request is null || string.Equals(body.RequestId, request, StringComparison.Ordinal)) && (user is null || string.Equals(body.User, user, StringComparison.Ordinal)));
            if (gone > 0)
            {
                await ReplaceAsync(file, bodies, file.Days);
                erased += gone;
            }
        }

        return erased;
    }

    public async Task<int> EraseAllAsync(Author author)
    {
        var erased = State.Files.Sum(file => file.Calls);
        _key = null;
        await Stored.WriteAsync(Accessed(State, author, BodyAct.Erased, "all, with their key") with { SealedKey = null, Files = [], Doomed = [.. State.Doomed, .. State.Files.Select(file => file.Number), State.Next], Next = State.Next + 1 });
        await RemoveAsync();
        return erased;
    }

    public Task<BodiesSummary> SummaryAsync() => Task.FromResult(new BodiesSummary(
        State.Files.Sum(file => file.Calls), State.Files.Sum(file => file.Bytes), State.Files.IsEmpty ? null : State.Files.Min(file => file.First), State.Accesses));

    public async Task UpkeepAsync()
    {
        var now = time.GetUtcNow();
        var old = State.Files.Where(file => file.Until <= now).ToList();
        if (old.Count > 0)
        {
            await Stored.WriteAsync(State with { Files = State.Files.RemoveRange(old), Doomed = [.. State.Doomed, .. old.Select(file => file.Number), State.Next], Next = State.Next + 1 });
        }

        await RemoveAsync();
    }

    private static bool MayHold(BodyFile file, string request) => RequestTimes.Of(request) is { } arrived && arrived >= file.First.AddMinutes(-1) && arrived <= file.Last.AddMinutes(1);

    private StoredCallBodies Accessed(StoredCallBodies state, Author author, BodyAct act, string what) =>
        state with { Accesses = [new BodyAccess(time.GetUtcNow(), author, act, what), .. state.Accesses.Take(MostAccesses - 1)] };

    private static long HourOf(DateTimeOffset arrived) => arrived.UtcTicks / TimeSpan.TicksPerHour;

    private async Task<bool> AddAsync(List<CallBody> bodies, int days, long hour)
    {
        var last = State.Files.LastOrDefault(file => file.Days == days && HourOf(file.First) == hour);
        if (last is null || last.Bytes >= FullFile)
        {
            return State.Files.Length < MostFiles && await ReplaceAsync(null, bodies, days);
        }

        // One that an edge was not answered for comes again.
        var known = await OpenAsync(last);
        return await ReplaceAsync(last, [.. known.ExceptBy(bodies.Select(body => body.RequestId), body => body.RequestId, StringComparer.Ordinal), .. bodies], days);
    }

    private async Task<bool> ReplaceAsync(BodyFile? before, List<CallBody> bodies, int days)
    {
        var files = before is null ? State.Files : State.Files.Remove(before);
        var doomed = before is null ? State.Doomed : State.Doomed.Add(before.Number);
        var sealedKey = State.SealedKey;
        if (bodies.Count > 0)
        {
            var ring = await keyring.GetAsync();
            if (sealedKey is null)
            {
                _key = BodyBox.NewKey();
                sealedKey = ring.Seal(Context(), _key);
            }

            var name = NameOf(State.Next);
            var file = BodyBox.Close(await KeyAsync(sealedKey), name, bodies);
            await archive.WriteAsync(name, file);
            files = [.. files.Add(new BodyFile(State.Next, days, bodies.Min(body => body.Arrived), bodies.Max(body => body.Arrived), bodies.Count, file.Length)).OrderBy(one => one.First)];
        }

        await Stored.WriteAsync(State with { SealedKey = sealedKey, Files = files, Doomed = doomed, Next = State.Next + 1 });
        await RemoveAsync();
        return true;
    }

    private async Task<List<CallBody>> OpenAsync(BodyFile file)
    {
        var name = NameOf(file.Number);
        return State.SealedKey is { } sealedKey && await archive.ReadAsync(name) is { } content ? BodyBox.Open(await KeyAsync(sealedKey), name, content) : [];
    }

    private async Task<byte[]> KeyAsync(string sealedKey) => _key ??= (await keyring.GetAsync()).Open(Context(), sealedKey);

    // What cannot be removed now is with the next change, or the upkeep's.
    private async Task RemoveAsync()
    {
        if (State.Doomed.IsEmpty)
        {
            return;
        }

        foreach (var number in State.Doomed)
        {
            await archive.RemoveAsync(NameOf(number));
        }

        await Stored.WriteAsync(State with { Doomed = [] });
    }

    private SealContext Context() => new(Names().Workspace, "CallBodies", Names().Tenant, 1);

    private string NameOf(long number) => string.Create(CultureInfo.InvariantCulture, $"_bodies/{Names().Workspace}/{Names().Tenant}/{number}");

    private (string Workspace, string Tenant) Names() =>
        GrainKeys.Split(this.GetPrimaryKeyString()) is [var workspace, var tenant] ? (workspace, tenant) : throw new InvalidOperationException("A key of bodies is workspace|tenant.");
}
