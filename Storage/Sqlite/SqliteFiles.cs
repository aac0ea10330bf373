using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>The files that a silo has open, each once, whichever storages use it.</summary>
internal sealed class SqliteFiles
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (SqliteFile File, int Users)> _open = new(StringComparer.Ordinal);

    // A silo's membership and its storage share a file: its pages are read through once.
    private readonly HashSet<string> _checked = new(StringComparer.Ordinal);

    /// <summary>The first connection of somebody to a file, which makes it where there is none and refuses what is not one of ours.</summary>
    /// <exception cref="SqliteSchemaException">The file is not one that this program can use.</exception>
    public SqliteConnection OpenFirst(string path, TimeSpan busyTimeout)
    {
        lock (_lock)
        {
            var connection = SqliteConnections.OpenFirst(path, busyTimeout, check: !_checked.Contains(path));
            _checked.Add(path);
            return connection;
        }
    }

    /// <summary>Opens a file, or joins those who have it open; the first one's options hold.</summary>
    public SqliteFile Open(SqliteStorageOptions options)
    {
        var path = Path.GetFullPath(options.Path);
        lock (_lock)
        {
            var (file, users) = _open.TryGetValue(path, out var found) ? found : (SqliteFile.Open(OpenFirst(path, options.BusyTimeout), path, options), 0);
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
