using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Sealing;
using Sluice.Grains.Sealing;

namespace Sluice.Grains.CallLog;

/// <summary>
/// The files of a tenant's bodies, and the key that opens them. A file is written before the row that says it is there, under the number that the row has as the next: what a lost silo left behind
/// is written over. For use within one grain's turns, which are not interleaved.
/// </summary>
internal sealed class BodyFiles(Durable<StoredCallBodies> stored, ICallArchive archive, KeyringSource keyring, string workspace, string tenant)
{
    private byte[]? _key;

    /// <summary>As stored.</summary>
    public StoredCallBodies State => stored.Value;

    /// <summary>Stores the next state.</summary>
    public Task WriteAsync(StoredCallBodies next) => stored.WriteAsync(next);

    /// <summary>What is in a file.</summary>
    public async Task<List<CallBody>> OpenAsync(BodyFile file)
    {
        var name = NameOf(file.Number);
        return State.SealedKey is { } sealedKey && await archive.ReadAsync(name) is { } content ? BodyBox.Open(await KeyAsync(sealedKey), name, content) : [];
    }

    /// <summary>Puts bodies in the place of a file.</summary>
    /// <param name="before">The file; null: there was none.</param>
    /// <param name="bodies">None: the file goes.</param>
    /// <param name="days">For how many days they are kept.</param>
    /// <param name="isHeld">Whether they are kept beyond that.</param>
    public async Task ReplaceAsync(BodyFile? before, List<CallBody> bodies, int days, bool isHeld = false)
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

            files = [.. files.Add(await WriteAsync(await KeyAsync(sealedKey), State.Next, bodies, days, isHeld)).OrderBy(one => one.First)];
        }

        await stored.WriteAsync(State with { SealedKey = sealedKey, Files = files, Doomed = doomed, Next = State.Next + 1 });
        await RemoveAsync();
    }

    /// <summary>Lets files go, in one write, with what else is to be stored.</summary>
    public async Task LetGoAsync(StoredCallBodies next, IReadOnlyCollection<BodyFile> gone)
    {
        await stored.WriteAsync(next with { Files = next.Files.RemoveRange(gone), Doomed = [.. next.Doomed, .. gone.Select(file => file.Number), next.Next], Next = next.Next + 1 });
        await RemoveAsync();
    }

    /// <summary>Lets all files go, and the key first.</summary>
    public Task LetAllGoAsync(StoredCallBodies next)
    {
        _key = null;
        return LetGoAsync(next with { SealedKey = null }, next.Files);
    }

    /// <summary>Keeps what holds keep, under a new key: no copy of a file of before can be read any more. Returns of how many calls it is.</summary>
    public async Task<int> SealAnewAsync(ImmutableArray<BodyHold> holds)
    {
        var (ring, key) = (await keyring.GetAsync(), BodyBox.NewKey());
        var (files, next) = (new List<BodyFile>(), State.Next);
        foreach (var file in State.Files)
        {
            if ((await OpenAsync(file)).FindAll(body => HoldRules.Keep(holds, body)) is { Count: > 0 } kept)
            {
                files.Add(await WriteAsync(key, next++, kept, file.Days, file.IsHeld));
            }
        }

        var sealedKey = files.Count > 0 ? ring.Seal(Context(), key) : null;
        await stored.WriteAsync(State with { SealedKey = sealedKey, Files = [.. files], Doomed = [.. State.Doomed, .. State.Files.Select(file => file.Number), next], Next = next + 1 });
        _key = sealedKey is null ? null : key;
        await RemoveAsync();
        return files.Sum(file => file.Calls);
    }

    /// <summary>Removes what was let go. What cannot be removed now is with the next change, or the upkeep's.</summary>
    public async Task RemoveAsync()
    {
        if (State.Doomed.IsEmpty)
        {
            return;
        }

        foreach (var number in State.Doomed)
        {
            await archive.RemoveAsync(NameOf(number));
        }

        await stored.WriteAsync(State with { Doomed = [] });
    }

    private async Task<BodyFile> WriteAsync(byte[] key, long number, List<CallBody> bodies, int days, bool isHeld)
    {
        var name = NameOf(number);
        var content = BodyBox.Close(key, name, bodies);
        await archive.WriteAsync(name, content);
        return new BodyFile(number, days, bodies.Min(body => body.Arrived), bodies.Max(body => body.Arrived), bodies.Count, content.Length) { IsHeld = isHeld };
    }

    private async Task<byte[]> KeyAsync(string sealedKey) => _key ??= (await keyring.GetAsync()).Open(Context(), sealedKey);

    private SealContext Context() => new(workspace, "CallBodies", tenant, 1);

    private string NameOf(long number) => string.Create(CultureInfo.InvariantCulture, $"_bodies/{workspace}/{tenant}/{number}");
}
