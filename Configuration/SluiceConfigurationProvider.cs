using Microsoft.Extensions.Configuration;

namespace Sluice.Configuration;

/// <summary>
/// Holds the last good settings: those loaded at the start, then each that the watch brought. Sluice being away changes nothing but that no change is heard of.
/// </summary>
internal sealed class SluiceConfigurationProvider : ConfigurationProvider, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SluiceConfigurationOptions _options;
    private readonly SettingsClient _client;
    private readonly CancellationTokenSource _ended = new();
    private int _watching;

    // Whether there are good settings: they may be none.
    private volatile bool _isLoaded;

    public SluiceConfigurationProvider(SluiceConfigurationOptions options) => (_options, _client) = (options, new SettingsClient(options));

    /// <summary>Loads, and at the first call begins to watch.</summary>
    public override void Load()
    {
        try
        {
            using var bound = new CancellationTokenSource(_options.StartTimeout, TimeProvider.System);
            Take(_client.Load(bound.Token));
        }
        catch (SettingsUnavailableException away)
        {
            GoWithout(away);
        }

        if (Interlocked.Exchange(ref _watching, 1) == 0)
        {
            // A thread of the pool, with nothing of the caller's: it lives as long as the configuration.
            _ = Task.Run(WatchAsync, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _ended.Cancel();
        _client.Dispose();
    }

    public override string ToString() => $"Sluice, settings of {_options.App}";

    private async Task WatchAsync()
    {
        var feed = new SettingsFeed(_client.WatchAsync, _options.FirstDelay, _options.LongestDelay, _options.SilenceBound, TimeProvider.System);
        try
        {
            await foreach (var item in feed.ReadAsync(lastId: null, _ended.Token))
            {
                if (item.Snapshot is { } snapshot && Take(snapshot))
                {
                    Reload();
                }
                else if (item.Lost is { } lost)
                {
                    Tell(lost);
                }
            }
        }
        catch (Exception e) when (_ended.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException)
        {
            // The configuration was disposed of.
        }
    }

    // A handler of changes that throws would end the watch: it is told, and the watch goes on.
    private void Reload()
    {
        try
        {
            OnReload();
        }
        catch (Exception e)
        {
            Tell(e);
        }
    }

    private void Tell(Exception failure)
    {
        try
        {
            _options.OnFailure?.Invoke(failure);
        }
        catch (Exception)
        {
            // Nobody is left to be told, and the watch goes on.
        }
    }

    // Answers whether anything differs: the first event says again what was loaded.
    private bool Take(SettingsSnapshot snapshot)
    {
        var keys = snapshot.Flatten(_options.FlagsSection);
        var now = Data;
        var isFirst = !_isLoaded;
        _isLoaded = true;
        if (!isFirst && keys.Count == now.Count && keys.All(k => now.TryGetValue(k.Key, out var value) && string.Equals(value, k.Value, StringComparison.Ordinal)))
        {
            return false;
        }

        // Replaced as a whole: who reads meets the old ones or the new ones.
        Data = keys;
        Keep(snapshot);
        return true;
    }

    private void GoWithout(SettingsUnavailableException away)
    {
        // A later Load, by a reload of the whole configuration, keeps what is there.
        if (!_isLoaded && ReadCache() is { } kept)
        {
            _isLoaded = true;
            Data = kept.Flatten(_options.FlagsSection);
        }
        else if (!_isLoaded && !_options.Optional)
        {
            throw new SettingsUnavailableException(
                $"The settings of {_options.App} could not be loaded: {away.Message} Set Optional to start without them, or CacheFile to start with the last good ones.", away);
        }

        Tell(away);
    }

    private void Keep(SettingsSnapshot snapshot)
    {
        if (_options.CacheFile is not { } path)
        {
            return;
        }

        try
        {
            AtomicFile.Write(path, snapshot.Utf8.Span, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(e);
        }
    }

    private SettingsSnapshot? ReadCache()
    {
        try
        {
            if (_options.CacheFile is not { } path || !File.Exists(path))
            {
                return null;
            }

            var kept = SettingsSnapshot.Parse(File.ReadAllBytes(path), id: null);
            return string.Equals(kept.Scope, SettingsSnapshot.ScopeOf(_options.App, _options.Profiles), StringComparison.Ordinal)
                ? kept
                : throw new SettingsUnavailableException($"{path} holds the settings of {kept.Scope}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SettingsUnavailableException)
        {
            Tell(e);
            return null;
        }
    }
}
