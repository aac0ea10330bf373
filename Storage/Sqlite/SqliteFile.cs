using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// One database file of one process: a thread that writes, some that read. It promises: an answered write is on disk (WAL, synchronous=FULL)
/// and was done under compare-and-swap; a read sees every write that was answered before it was asked.
/// </summary>
internal sealed class SqliteFile
{
    private readonly SqliteStorageOptions _options;
    private readonly string _path;
    private readonly WorkQueue<RowWrite, WriteOutcome> _writes;
    private readonly WorkQueue<RowKey, Row?> _reads;
    private readonly List<Task> _threads = [];

    private SqliteFile(string path, SqliteStorageOptions options)
    {
        _path = path;
        _options = options;
        _writes = new WorkQueue<RowWrite, WriteOutcome>(options.QueueLength);
        _reads = new WorkQueue<RowKey, Row?>(options.QueueLength);
    }

    /// <summary>Opens the file, makes it where there is none, and starts its threads.</summary>
    /// <exception cref="SqliteSchemaException">The file is not one that this program can use.</exception>
    public static SqliteFile Open(string path, SqliteStorageOptions options)
    {
        MakePrivate(path);
        var file = new SqliteFile(path, options);
        var connections = new List<SqliteConnection>();
        try
        {
            for (var i = 0; i <= options.Readers; i++)
            {
                connections.Add(file.Connect());
            }

            SqliteSchema.Execute(connections[0], "PRAGMA journal_mode = WAL");
            SqliteSchema.Ensure(connections[0], path);
        }
        catch
        {
            connections.ForEach(c => c.Dispose());
            throw;
        }

        file.Start("sqlite writer", () => file.Write(connections[0]));
        foreach (var connection in connections.Skip(1))
        {
            file.Start("sqlite reader", () => file.Read(connection));
        }

        return file;
    }

    /// <summary>Queues a write; writes that wait together are flushed to disk together.</summary>
    public Task<WriteOutcome> WriteAsync(RowWrite write, CancellationToken cancellation) => _writes.RunAsync(write, cancellation);

    /// <summary>Reads a row; null where there is none.</summary>
    public Task<Row?> ReadAsync(RowKey key, CancellationToken cancellation) => _reads.RunAsync(key, cancellation);

    /// <summary>Carries out what is queued, moves the log into the file, and closes.</summary>
    public Task CloseAsync()
    {
        _reads.Close();
        _writes.Close();
        return Task.WhenAll(_threads);
    }

    // The file and its folder are made for the owner only; SQLite gives its log the same rights.
    private static void MakePrivate(string path)
    {
        if (File.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var made = new FileStream(path, options);
    }

    private SqliteConnection Connect()
    {
        // Not pooled, so that closing closes. SQLite's own busy timeout waits in steps of milliseconds; the library's retry, in steps of 150 ms, adds at most 1 s.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Pooling = false, DefaultTimeout = 1 }.ToString());
        connection.Open();
        SqliteSchema.Execute(connection, FormattableString.Invariant($"PRAGMA busy_timeout = {(int)_options.BusyTimeout.TotalMilliseconds}"));
        SqliteSchema.Execute(connection, "PRAGMA synchronous = FULL");
        return connection;
    }

    private void Start(string name, Action run)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _threads.Add(ended.Task);
        new Thread(() =>
        {
            try
            {
                run();
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        })
        { IsBackground = true, Name = name }.Start();
    }

    private void Read(SqliteConnection connection)
    {
        using (connection)
        {
            using var statements = new RowStatements(connection);
            var batch = new List<WorkQueue<RowKey, Row?>.Work>(1);
            while (_reads.Take(batch, most: 1))
            {
                try
                {
                    batch[0].Answer.SetResult(statements.Read(batch[0].Request));
                }
                catch (Exception e)
                {
                    batch[0].Answer.SetException(e);
                }
            }
        }
    }

    private void Write(SqliteConnection connection)
    {
        using (connection)
        {
            using var writer = new GroupCommit(connection);
            var batch = new List<WorkQueue<RowWrite, WriteOutcome>.Work>(_options.MaxBatch);
            while (_writes.Take(batch, _options.MaxBatch))
            {
                writer.Run(batch);
            }

            SqliteSchema.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}
