namespace Sluice.Storage.Sqlite;

/// <summary>The files that a silo has open, each once, whichever storages use it.</summary>
internal sealed class SqliteFiles
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (SqliteFile File, int Users)> _open = new(StringComparer.Ordinal);

    /// <summary>Opens a file, or joins those who have it open; the first one's options hold.</summary>
    public SqliteFile Open(SqliteStorageOptions options)
    {
        var path = Path.GetFullPath(options.Path);
        lock (_lock)
        {
            var (file, users) = _open.TryGetValue(path, out var found) ? found : (SqliteFile.Open(path, options), 0);
            _open[path] = (file, users + 1);
            return file;
        }
    }

    /// <summary>Leaves a file; the last one closes it.</summary>
    public Task ReleaseAsync(SqliteStorageOptions options)
    {
        var path = Path.GetFullPath(options.Path);
        lock (_lock)
        {
            var (file, users) = _open[path];
            if (users > 1)
            {
                _open[path] = (file, users - 1);
                return Task.CompletedTask;
            }

            _open.Remove(path);
            return file.CloseAsync();
        }
    }
}
