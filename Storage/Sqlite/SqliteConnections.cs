using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>Opens connections to a file that several processes of one machine share.</summary>
internal static class SqliteConnections
{
    private static readonly TimeSpan ModeBound = TimeSpan.FromSeconds(10);

    /// <summary>Opens a file, makes it where there is none, and makes sure that it is one of ours.</summary>
    /// <exception cref="SqliteSchemaException">The file is not one that this program can use; the message names it and what to do.</exception>
    /// <param name="path">The file.</param>
    /// <param name="busyTimeout">How long to wait for others' locks.</param>
    /// <param name="check">Whether its pages are read through.</param>
    public static SqliteConnection OpenFirst(string path, TimeSpan busyTimeout, bool check = true)
    {
        if (!File.Exists(path))
        {
            Make(path, busyTimeout);
        }

        // A file of ours is never empty: SQLite would take it for a new one.
        if (new FileInfo(path).Length == 0)
        {
            throw new SqliteSchemaException($"'{path}' is empty: it was cut off. {DamageReport.Remedy}");
        }

        SqliteConnection? connection = null;
        try
        {
            connection = Open(path, busyTimeout);
            UseLog(connection);
            SqliteSchema.Ensure(connection, path);
            if (check)
            {
                SqliteSchema.Check(connection, path);
            }

            return connection;
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw new SqliteSchemaException(DamageReport.Explain(path, e));
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that is there.</summary>
    public static SqliteConnection Open(string path, TimeSpan busyTimeout)
    {
        // Not pooled, so that closing closes. SQLite's own busy timeout waits in steps of milliseconds; the library's retry, in steps of 150 ms, adds at most 1 s.
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            SqliteSchema.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {(int)busyTimeout.TotalMilliseconds}"));
            SqliteSchema.Execute(connection, "PRAGMA synchronous = FULL");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // Of processes that turn a new file to a log at once, SQLite lets one do it and answers the others "busy" without waiting.
    private static void UseLog(SqliteConnection connection)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                SqliteSchema.Execute(connection, "PRAGMA journal_mode = WAL");
                return;
            }
            catch (SqliteException e) when (e.SqliteErrorCode == WriteTurn.Busy && TimeProvider.System.GetElapsedTime(started) < ModeBound)
            {
                Thread.Yield();
            }
        }
    }

    // Made beside its place, for the owner only, and moved there whole: of silos that start at once one makes it, and none finds half of it.
    private static void Make(string path, TimeSpan busyTimeout)
    {
        // A log without its file is what is left of a file that was moved or removed: a new file would be joined to it.
        if (File.Exists(path + "-wal") && !File.Exists(path))
        {
            throw new SqliteSchemaException(
                $"'{path}' is missing, but its log '{path}-wal' is there: the file was moved or removed. Put it back beside its log, or remove the log to begin anew.");
        }

        var draft = $"{path}.{Guid.NewGuid():n}.new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(draft, options).Dispose();
            using (var connection = Open(draft, busyTimeout))
            {
                UseLog(connection);
                SqliteSchema.Ensure(connection, draft);
            }

            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            File.Delete(draft);
            throw new SqliteSchemaException($"'{path}' cannot be made: {e.Message}. Give this user write access to its folder, and room on its disk.", e is SqliteException ? null : e);
        }
    }
}
