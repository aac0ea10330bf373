using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// The file in which grain state rests. It promises: a write that was answered is on the disk (WAL, <c>synchronous=FULL</c>), and it was made only over the
/// version that the writer had read. Writes that wait at the same time share one transaction, and so one wait for the disk.
/// SQLite blocks the thread that calls it: all work runs on threads of its own.
/// </summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const int SchemaVersion = 1;
    private const int MostInBatch = 256;
    private const int MostReaders = 4;

    private readonly SqliteStorageOptions _options;
    private readonly Channel<PendingWrite> _writes;
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly SemaphoreSlim _readerSlots = new(MostReaders);
    private Task _writer = Task.CompletedTask;

    public SqliteDatabase(SqliteStorageOptions options)
    {
        _options = options;
        _writes = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(options.MostWaitingWrites) { SingleReader = true });
    }

    /// <summary>Opens the file, makes or checks its schema, and starts the writer.</summary>
    /// <exception cref="InvalidOperationException">The file was written by a newer version.</exception>
    public void Open()
    {
        if (Path.GetDirectoryName(Path.GetFullPath(_options.File)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var connection = Connect();
        MakeSchema(connection);
        _writer = Task.Factory.StartNew(() => WriteAll(connection), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>One row, or null.</summary>
    public async Task<StoredRow?> ReadAsync(RowKey key)
    {
        await _readerSlots.WaitAsync();
        try
        {
            return await Task.Run(() => Read(key));
        }
        finally
        {
            _readerSlots.Release();
        }
    }

    /// <summary>Writes or, without a payload, deletes a row over the version that the caller knows. False: another version rests there, and nothing was changed.</summary>
    public async Task<bool> WriteAsync(RowKey key, string? knownTag, string newTag, byte[]? payload)
    {
        var write = new PendingWrite(key, knownTag, newTag, payload, new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _writes.Writer.WriteAsync(write);
        return await write.Done.Task;
    }

    /// <summary>Ends after the writes that were taken in.</summary>
    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _writer;
        foreach (var reader in _readers)
        {
            await reader.DisposeAsync();
        }

        _readerSlots.Dispose();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _options.File,
            DefaultTimeout = (int)Math.Ceiling(_options.BusyTimeout.TotalSeconds),
            Pooling = false,
        }.ToString());
        connection.Open();
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout={(int)_options.BusyTimeout.TotalMilliseconds}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
        return connection;
    }

    private void MakeSchema(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        using var ask = connection.CreateCommand();
        ask.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(ask.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > SchemaVersion)
        {
            throw new InvalidOperationException($"{_options.File} was written by a newer Sluice (schema {version}; this one knows up to {SchemaVersion}). Start that version, or another data folder.");
        }

        if (version == 0)
        {
            Execute(connection, $"""
                CREATE TABLE state (
                    service TEXT NOT NULL, name TEXT NOT NULL, grain TEXT NOT NULL, tag TEXT NOT NULL, payload BLOB NOT NULL,
                    PRIMARY KEY (service, name, grain)) WITHOUT ROWID;
                PRAGMA user_version={SchemaVersion};
                """);
        }

        transaction.Commit();
    }

    private StoredRow? Read(RowKey key)
    {
        var connection = _readers.TryTake(out var idle) ? idle : Connect();
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT tag, payload FROM state WHERE service=$service AND name=$name AND grain=$grain";
            key.AddTo(command);
            using var reader = command.ExecuteReader();
            return reader.Read() ? new StoredRow(reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : null;
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    private void WriteAll(SqliteConnection connection)
    {
        using (connection)
        {
            var batch = new List<PendingWrite>(MostInBatch);
            while (WaitForWrites())
            {
                while (batch.Count < MostInBatch && _writes.Reader.TryRead(out var write))
                {
                    batch.Add(write);
                }

                WriteBatch(connection, batch);
                batch.Clear();
            }
        }
    }

    // The writer has its own thread, so that it may block where nothing waits to be written.
    private bool WaitForWrites() => _writes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private static void WriteBatch(SqliteConnection connection, List<PendingWrite> batch)
    {
        var answers = new bool[batch.Count];
        try
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            for (var i = 0; i < batch.Count; i++)
            {
                answers[i] = Write(connection, batch[i]);
            }

            transaction.Commit();
        }
        catch (SqliteException e)
        {
            batch.ForEach(w => w.Done.SetException(new IOException($"Grain state could not be stored: {e.Message}", e)));
            return;
        }

        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Done.SetResult(answers[i]);
        }
    }

    private static bool Write(SqliteConnection connection, PendingWrite write)
    {
        using var command = connection.CreateCommand();
        command.CommandText = (write.Payload, write.KnownTag) switch
        {
            (null, null) => "SELECT 1",
            (null, _) => "DELETE FROM state WHERE service=$service AND name=$name AND grain=$grain AND tag=$known",
            (_, null) => "INSERT INTO state (service, name, grain, tag, payload) VALUES ($service, $name, $grain, $tag, $payload) ON CONFLICT DO NOTHING",
            _ => "UPDATE state SET tag=$tag, payload=$payload WHERE service=$service AND name=$name AND grain=$grain AND tag=$known",
        };
        write.Key.AddTo(command);
        command.Parameters.AddWithValue("$known", (object?)write.KnownTag ?? DBNull.Value);
        command.Parameters.AddWithValue("$tag", write.NewTag);
        command.Parameters.AddWithValue("$payload", (object?)write.Payload ?? DBNull.Value);
        return command.ExecuteNonQuery() != 0;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed record PendingWrite(RowKey Key, string? KnownTag, string NewTag, byte[]? Payload, TaskCompletionSource<bool> Done);
}

/// <summary>Where a state rests.</summary>
internal readonly record struct RowKey(string Service, string Name, string Grain)
{
    public void AddTo(SqliteCommand command)
    {
        command.Parameters.AddWithValue("$service", Service);
        command.Parameters.AddWithValue("$name", Name);
        command.Parameters.AddWithValue("$grain", Grain);
    }
}

/// <summary>A stored state and its version.</summary>
internal sealed record StoredRow(string Tag, byte[] Payload);
