using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// One process's threads on a database file, which other processes may have open too: one that writes, some that read. It promises: an answered write is on
/// disk (WAL, synchronous=FULL) and was done under compare-and-swap; a read sees every write that was answered, to whichever process, before it was asked.
/// </summary>
internal sealed class SqliteFile
{
    private readonly SqliteStorageOptions _options;
    private readonly WorkQueue<RowWrite, WriteOutcome> _writes;
    private readonly WorkQueue<RowKey, Row?> _reads;
    private readonly List<Task> _threads = [];

    private SqliteFile(SqliteStorageOptions options)
    {
        _options = options;
        _writes = new WorkQueue<RowWrite, WriteOutcome>(options.QueueLength);
        _reads = new WorkQueue<RowKey, Row?>(options.QueueLength);
    }

    /// <summary>Starts the file's threads on a first connection, which it takes over, and others.</summary>
    public static SqliteFile Open(SqliteConnection first, string path, SqliteStorageOptions options)
    {
        var connections = new List<SqliteConnection> { first };
        try
        {
            while (connections.Count <= options.Readers)
            {
                connections.Add(SqliteConnections.Open(path, options.BusyTimeout));
            }
        }
        catch
        {
            connections.ForEach(c => c.Dispose());
            throw;
        }

        var file = new SqliteFile(options);
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
            using var writer = new GroupCommit(connection, _options.BusyTimeout);
            var batch = new List<WorkQueue<RowWrite, WriteOutcome>.Work>(_options.MaxBatch);
            while (_writes.Take(batch, _options.MaxBatch))
            {
                writer.Run(batch);
            }

            SqliteSchema.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}
