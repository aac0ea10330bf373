using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Configuration;
using Sluice.Revisions.Settings;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Agent;

/// <summary>What an agent did, a line of <c>--json</c> each.</summary>
/// <param name="Event"><c>wrote</c>, <c>unchanged</c>, <c>refused</c>, <c>reloaded</c>, <c>reload-failed</c>, <c>away</c>, <c>back</c> or <c>ended</c>.</param>
/// <param name="Revision">The revision whose settings it speaks of; null where it speaks of none.</param>
/// <param name="Detail">Why; null where nothing is to be said.</param>
internal sealed record AgentEvent(DateTimeOffset At, string Event, string File, long? Revision = null, string? Detail = null);

/// <summary>
/// Keeps a file with an application's settings. While Sluice is away the file stays as it is; a change is written whole, then the application is told. It promises: what
/// the application was told of last is in the file, or a later change.
/// </summary>
internal sealed class SettingsAgent(AdminSession session, string app, string? profile, SettingsFile file, ReloadCall? reload)
{
    // Sluice sends something each 15 s.
    private static readonly TimeSpan SilenceBound = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private bool _hasConnected;
    private bool _isAway;

    /// <summary>Writes the file once; 1 where it could not be written or the application not be told.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var answer = await session.Client.GetAsync<JsonElement>(PathOf("values"), cancellation);
        return await TakeAsync(SettingsSnapshot.Parse(JsonSerializer.SerializeToUtf8Bytes(answer), id: null), cancellation) ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Keeps the file until it is asked to end.</summary>
    public async Task<int> FollowAsync(CancellationToken cancellation)
    {
        var feed = new SettingsFeed(OpenAsync, FirstDelay, LongestDelay, SilenceBound, TimeProvider.System);
        try
        {
            await foreach (var item in feed.ReadAsync(lastId: null, cancellation))
            {
                if (item.Snapshot is { } snapshot)
                {
                    await TakeAsync(snapshot, cancellation);
                }
                else if (!_isAway)
                {
                    // Told once, however often it is tried.
                    _isAway = true;
                    await TellAsync("away", detail: $"{item.Lost!.Message.TrimEnd('.')}; the file stays, and Sluice is asked again");
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await TellAsync("ended");
        }

        return ExitCode.Done;
    }

    private async Task<Stream> OpenAsync(string? lastId, CancellationToken cancellation)
    {
        try
        {
            var answer = await session.Client.OpenAsync(HttpMethod.Get, PathOf("watch"), null, null, cancellation, lastId);
            _hasConnected = true;
            if (_isAway)
            {
                _isAway = false;
                await TellAsync("back");
            }

            // Ending the stream ends the answer.
            return await answer.Content.ReadAsStreamAsync(cancellation);
        }
        catch (AdminRefusedException e) when (_hasConnected || e.Problem is not { Status: >= 400 and < 500 })
        {
            // A wrong key or name is told at the start; later it may be a key that is about to be exchanged.
            throw new SettingsUnavailableException(e.Message, e);
        }
    }

    private async Task<bool> TakeAsync(SettingsSnapshot snapshot, CancellationToken cancellation)
    {
        try
        {
            if (file.Write(snapshot.Values, mark: reload is not null))
            {
                var count = FlatKeys.Of(snapshot.Values, KeyStyle.Dotted).Count();
                await TellAsync("wrote", snapshot.Revision, string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "value" : "values")}"));
            }
            else
            {
                await TellAsync("unchanged", snapshot.Revision);
            }
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            await TellAsync("refused", snapshot.Revision, e.Message);
            return false;
        }

        if (reload is null || !file.IsReloadDue)
        {
            return true;
        }

        if (await reload.RunAsync(cancellation) is { } fault)
        {
            await TellAsync("reload-failed", snapshot.Revision, $"{reload.Url}: {fault}");
            return false;
        }

        file.Told();
        await TellAsync("reloaded", snapshot.Revision);
        return true;
    }

    private async Task TellAsync(string what, long? revision = null, string? detail = null)
    {
        var said = new AgentEvent(TimeProvider.System.GetUtcNow(), what, file.Path, revision, detail);
        await session.Output.WriteLineAsync(session.Json
            ? JsonSerializer.Serialize(said, AdminJson.Options)
            : string.Create(CultureInfo.InvariantCulture, $"{said.At:yyyy-MM-dd HH:mm:ss'Z'}  {what,-13}  {said.File}{(revision is { } r ? FormattableString.Invariant($"  revision {r}") : "")}{(detail is null ? "" : $"  {detail}")}"));
        await session.Output.FlushAsync(CancellationToken.None);
    }

    private string PathOf(string what) => ApiPath.Query(ApiPath.Join("settings", app, what), ("profile", profile));
}
