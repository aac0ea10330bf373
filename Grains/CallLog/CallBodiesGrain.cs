using System.Collections.Immutable;
using System.Globalization;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Sealing;

namespace Sluice.Grains.CallLog;

/// <summary>
/// The bodies of a tenant's calls. What comes goes into the file of its hour while that is small, so that there are few. Turns are not interleaved. See docs/calls.md.
/// </summary>
[GrainType("call-bodies")]
internal sealed class CallBodiesGrain(
    [PersistentState("call-bodies")] IPersistentState<StoredCallBodies> stored, ICallArchive archive, KeyringSource keyring, TimeProvider time) : Grain, ICallBodiesGrain
{
    private const int MostFiles = 2_000;
    private const int MostAccesses = 1_000;
    private const int MostHolds = 100;
    private const int MostHeldTold = 1_000;
    private const int ExportAtOnce = 4 << 20;
    private const long FullFile = 1 << 20;
    private BodyFiles? _files;
    private bool _isListed;

    private BodyFiles Stored => _files ??= new(new Durable<StoredCallBodies>(this, stored), archive, keyring, Names().Workspace, Names().Tenant);

    private StoredCallBodies State => Stored.State;

    private ImmutableArray<BodyHold> Holds => HoldRules.In(State.Holds, time.GetUtcNow());

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
            if ((await Stored.OpenAsync(file)).Find(body => string.Equals(body.RequestId, request, StringComparison.Ordinal)) is { } found)
            {
                await Stored.WriteAsync(Accessed(State, author, BodyAct.Read, request));
                return found;
            }
        }

        return null;
    }

    public async Task<ExportedBodies> ExportAsync(ImmutableArray<string> requests, Author author, string export)
    {
        if (!State.Accesses.Any(access => access.Act is BodyAct.Exported && access.By == author && string.Equals(access.What, export, StringComparison.Ordinal)))
        {
            await Stored.WriteAsync(Accessed(State, author, BodyAct.Exported, export));
        }

        // Requests come in the order of their time: what was opened for one holds the next ones, as a rule.
        var opened = (Number: 0L, Bodies: new List<CallBody>());
        var (found, length, looked) = (ImmutableArray.CreateBuilder<CallBody>(), 0L, 0);
        foreach (var request in requests)
        {
            looked++;
            foreach (var file in State.Files.Where(file => MayHold(file, request)).Reverse())
            {
                opened = opened.Number == file.Number ? opened : (file.Number, await Stored.OpenAsync(file));
                if (opened.Bodies.Find(body => string.Equals(body.RequestId, request, StringComparison.Ordinal)) is { } body)
                {
                    found.Add(body);
                    length += (body.Request.Text?.Length ?? 0) + (body.Answer.Text?.Length ?? 0);
                    break;
                }
            }

            if (length >= ExportAtOnce)
            {
                break;
            }
        }

        return new ExportedBodies(found.ToImmutable(), looked);
    }

    public async Task<BodiesErased> EraseAsync(string? request, string? user, DateTimeOffset from, DateTimeOffset to, Author author)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{(request is null ? "" : $"call {request} ")}{(user is null ? "" : $"user {user} ")}{from:O} to {to:O}");
        await Stored.WriteAsync(Accessed(State, author, BodyAct.Erased, what));
        var (holds, erased, held) = (Holds, 0, 0);
        foreach (var file in State.Files.Where(file => file.First <= to && file.Last >= from && (request is null || MayHold(file, request))))
        {
            var bodies = await Stored.OpenAsync(file);
            var meant = bodies.Count(Is);
            var gone = bodies.RemoveAll(body => Is(body) && !HoldRules.Keep(holds, body));
            if (gone > 0)
            {
                await Stored.ReplaceAsync(file, bodies, file.Days, file.IsHeld);
            }

            (erased, held) = (erased + gone, held + meant - gone);
        }

        return new BodiesErased(erased, held);

        bool Is(CallBody body) => body.Arrived >= from && body.Arrived <= to
            && (request is null || string.Equals(body.RequestId, request, StringComparison.Ordinal)) && (user is null || string.Equals(body.User, user, StringComparison.Ordinal));
    }

    public async Task<BodiesErased> EraseAllAsync(Author author)
    {
        var (erased, holds) = (State.Files.Sum(file => file.Calls), Holds);
        if (!holds.IsEmpty)
        {
            await Stored.WriteAsync(Accessed(State, author, BodyAct.Erased, "all that is not held, with their key"));
            var held = holds.Any(HoldRules.KeepsAll) ? erased : await Stored.SealAnewAsync(holds);
            return new BodiesErased(erased - held, held);
        }

        await Stored.LetAllGoAsync(Accessed(State, author, BodyAct.Erased, "all, with their key"));
        return new BodiesErased(erased, 0);
    }

    public async Task<BodyHold?> HoldAsync(string? request, string? user, string why, DateTimeOffset? until, Author author)
    {
        if (Holds.Length >= MostHolds)
        {
            return null;
        }

        var hold = new BodyHold(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), request, user, why, until, author, time.GetUtcNow());
        await Stored.WriteAsync(Accessed(State, author, BodyAct.Held, HoldRules.Describe(hold)) with { Holds = State.Holds.Add(hold) });
        return hold;
    }

    public async Task<bool> ReleaseAsync(string id, string why, Author author)
    {
        if (Holds.FirstOrDefault(hold => string.Equals(hold.Id, id, StringComparison.Ordinal)) is not { } hold)
        {
            return false;
        }

        await Stored.WriteAsync(Released(Accessed(State, author, BodyAct.Released, $"{HoldRules.Describe(hold)}; released: {why}"), hold));
        return true;
    }

    public async Task<HeldCalls?> FindHeldAsync(string id, string? after)
    {
        if (Holds.FirstOrDefault(hold => string.Equals(hold.Id, id, StringComparison.Ordinal)) is not { } hold)
        {
            return null;
        }

        // Files are in the order of their first call, and ids in that of time: what no file that follows can be before is the page.
        var calls = new List<HeldCall>();
        var since = after is null ? DateTimeOffset.MinValue : RequestTimes.Of(after)?.AddMinutes(-1) ?? DateTimeOffset.MinValue;
        foreach (var file in State.Files.Where(file => file.Last >= since && (hold.Request is null || MayHold(file, hold.Request))))
        {
            if (calls.Count > MostHeldTold && calls.OrderBy(call => call.Request, StringComparer.Ordinal).ElementAt(MostHeldTold).Arrived < file.First)
            {
                break;
            }

            calls.AddRange((await Stored.OpenAsync(file))
                .Where(body => HoldRules.Keeps(hold, body) && string.CompareOrdinal(body.RequestId, after) > 0)
                .Select(body => new HeldCall(body.RequestId, body.User.Length == 0 ? null : body.User, body.Arrived)));
        }

        return new HeldCalls(hold, [.. calls.OrderBy(call => call.Request, StringComparer.Ordinal).Take(MostHeldTold)], calls.Count <= MostHeldTold);
    }

    public Task<BodiesSummary> SummaryAsync() => Task.FromResult(new BodiesSummary(
        State.Files.Sum(file => file.Calls), State.Files.Sum(file => file.Bytes), State.Files.IsEmpty ? null : State.Files.Min(file => file.First), State.Accesses) { Holds = Holds });

    public async Task UpkeepAsync()
    {
        var now = time.GetUtcNow();
        foreach (var over in State.Holds.RemoveRange(Holds))
        {
            await Stored.WriteAsync(Released(Accessed(State, Author.System, BodyAct.Released, $"{HoldRules.Describe(over)}; its time is over"), over));
        }

        var old = new List<BodyFile>();
        foreach (var file in State.Files.Where(file => file.Until <= now && !file.IsHeld))
        {
            var kept = Holds.IsEmpty ? [] : (await Stored.OpenAsync(file)).FindAll(body => HoldRules.Keep(Holds, body));
            if (kept.Count == 0)
            {
                old.Add(file);
            }
            else if (kept.Count == file.Calls)
            {
                await Stored.WriteAsync(State with { Files = State.Files.Replace(file, file with { IsHeld = true }) });
            }
            else
            {
                await Stored.ReplaceAsync(file, kept, file.Days, isHeld: true);
            }
        }

        if (old.Count > 0)
        {
            await Stored.LetGoAsync(State, old);
        }

        await Stored.RemoveAsync();
    }

    private static bool MayHold(BodyFile file, string request) => RequestTimes.Of(request) is { } arrived && arrived >= file.First.AddMinutes(-1) && arrived <= file.Last.AddMinutes(1);

    private StoredCallBodies Accessed(StoredCallBodies state, Author author, BodyAct act, string what) =>
        state with { Accesses = [new BodyAccess(time.GetUtcNow(), author, act, what), .. state.Accesses.Take(MostAccesses - 1)] };

    // What this hold alone kept goes with the next upkeep.
    private static StoredCallBodies Released(StoredCallBodies state, BodyHold hold) =>
        state with { Holds = state.Holds.Remove(hold), Files = [.. state.Files.Select(file => file.IsHeld ? file with { IsHeld = false } : file)] };

    private static long HourOf(DateTimeOffset arrived) => arrived.UtcTicks / TimeSpan.TicksPerHour;

    private async Task<bool> AddAsync(List<CallBody> bodies, int days, long hour)
    {
        var last = State.Files.LastOrDefault(file => file.Days == days && HourOf(file.First) == hour);
        if (last is null || last.Bytes >= FullFile)
        {
            if (State.Files.Length >= MostFiles)
            {
                return false;
            }

            await Stored.ReplaceAsync(null, bodies, days);
            return true;
        }

        // One that an edge was not answered for comes again.
        var known = await Stored.OpenAsync(last);
        await Stored.ReplaceAsync(last, [.. known.ExceptBy(bodies.Select(body => body.RequestId), body => body.RequestId, StringComparer.Ordinal), .. bodies], days);
        return true;
    }

    private (string Workspace, string Tenant) Names() =>
        GrainKeys.Split(this.GetPrimaryKeyString()) is [var workspace, var tenant] ? (workspace, tenant) : throw new InvalidOperationException("A key of bodies is workspace|tenant.");
}
