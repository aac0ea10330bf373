using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// Takes the write lock of a file that other processes write as well, so that each gets its turn. SQLite's own wait backs off to 100 ms, and a process
/// that commits without pause would hardly ever be found between two commits. Here one that waits asks each millisecond, and one that commits leaves
/// a gap longer than that while others write too. Used by one thread only.
/// </summary>
internal sealed class WriteTurn
{
    /// <summary>SQLite's code for a lock that another holds.</summary>
    public const int Busy = 5;

    private const int Poll = 1;
    private const int Gap = 2;

    private static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(200);

    private readonly SqliteConnection _connection;
    private readonly TimeSpan _bound;
    private readonly SqliteCommand _version;
    private long _seen;
    private long? _sharedAt;

    /// <param name="connection">Its own busy timeout is turned off.</param>
    /// <param name="bound">The longest wait for the lock.</param>
    public WriteTurn(SqliteConnection connection, TimeSpan bound)
    {
        (_connection, _bound) = (connection, bound);
        raw.sqlite3_busy_timeout(connection.Handle, 0);
        _version = connection.CreateCommand();
        _version.CommandText = "PRAGMA data_version";
        _seen = (long)_version.ExecuteScalar()!;
    }

    /// <summary>Begins a transaction that holds the write lock.</summary>
    /// <exception cref="SqliteException">The lock was not free within the bound (code 5), or the file failed.</exception>
    public void Begin()
    {
        var started = TimeProvider.System.GetTimestamp();
        for (; ; )
        {
            var code = raw.sqlite3_exec(_connection.Handle, "BEGIN IMMEDIATE");
            if (code == raw.SQLITE_OK)
            {
                return;
            }

            if ((code & 0xff) != Busy || TimeProvider.System.GetElapsedTime(started) >= _bound)
            {
                SqliteException.ThrowExceptionForRC(code, _connection.Handle);
            }

            _sharedAt = TimeProvider.System.GetTimestamp();
            Pause(Poll);
        }
    }

    /// <summary>After a commit that has been answered: lets another process have its turn, where one has written lately.</summary>
    public void Yield()
    {
        var version = (long)_version.ExecuteScalar()!;
        if (version != _seen)
        {
            (_seen, _sharedAt) = (version, TimeProvider.System.GetTimestamp());
        }

        if (_sharedAt is { } at && TimeProvider.System.GetElapsedTime(at) < Memory)
        {
            Pause(Gap);
        }
    }

#pragma warning disable RS0030 // The writer's own thread, which has nothing else to do; there is no event for another process's commit.
    private static void Pause(int milliseconds) => Thread.Sleep(milliseconds);
#pragma warning restore RS0030
}
