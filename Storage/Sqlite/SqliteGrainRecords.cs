using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;
using Sluice.Storage.Records;
using Sluice.Storage.Sqlite.Clustering;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// The states of one cluster in a SQLite file, for backup and restore. A read is one transaction: SQLite gives it the file as it stood at its beginning,
/// while silos go on writing into the log. A replacement is one transaction as well.
/// </summary>
public sealed class SqliteGrainRecords : IGrainRecords
{
    private readonly SqliteConnection _connection;
    private readonly string _cluster;
    private readonly TimeProvider _time;

    private SqliteGrainRecords(SqliteConnection connection, string cluster, TimeProvider time) =>
        (_connection, _cluster, _time) = (connection, cluster, time);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; it is made where it is not there and <paramref name="make"/> is set.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="make">Whether the file may be made.</param>
    /// <param name="time">Stamps what is written.</param>
    /// <exception cref="SqliteSchemaException">The file is not there, or not one that this program can use.</exception>
    public static SqliteGrainRecords Open(string path, string cluster, bool make, TimeProvider time)
    {
        var full = Path.GetFullPath(path);
        return make || File.Exists(full)
            ? new SqliteGrainRecords(SqliteConnections.OpenFirst(full, TimeSpan.FromSeconds(5)), cluster, time)
            : throw new SqliteSchemaException($"'{full}' is not there. Name the data folder of a cluster with --data.");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GrainRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var transaction = _connection.BeginTransaction(deferred: true);
        await using var command = Command(
            "SELECT grain_type, grain_key, state_name, payload FROM grain_state WHERE service = $cluster AND grain_type <> $subscriptions");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            yield return new GrainRecord(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3));
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsEmptyAsync(CancellationToken cancellation)
    {
        await using var command = Command("SELECT EXISTS (SELECT 1 FROM grain_state WHERE service = $cluster AND grain_type <> $subscriptions)");
        return (long)(await command.ExecuteScalarAsync(cancellation))! == 0;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> LivingSilosAsync(DateTimeOffset since, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>(
        [.. new MembershipRows(_connection, _cluster).Read().Members
            .Select(m => m.Item1)
            .Where(e => e.Status is not SiloStatus.Dead && e.IAmAliveTime > since.UtcDateTime)
            .Select(e => e.SiloAddress.Endpoint.ToString())]);

    /// <inheritdoc/>
    public async Task ReplaceAsync(IAsyncEnumerable<GrainRecord> records, Func<CancellationToken, Task> refuse, CancellationToken cancellation)
    {
        // Whoever replaces has the data folder alone: no silo can start.
        await refuse(cancellation);
        await using var transaction = _connection.BeginTransaction(deferred: false);
        await using (var clear = Command(
            """
            DELETE FROM grain_state WHERE service = $cluster;
            DELETE FROM membership WHERE cluster = $cluster;
            DELETE FROM membership_version WHERE cluster = $cluster;
            """))
        {
            await clear.ExecuteNonQueryAsync(cancellation);
        }

        using var statements = new RowStatements(_connection);
        await foreach (var record in records.WithCancellation(cancellation))
        {
            var key = new RowKey(_cluster, record.GrainType, record.GrainKey, record.StateName);
            if (!statements.Write(new RowWrite(key, null, Guid.NewGuid().ToString("N"), record.Payload, _time.GetUtcNow().ToUnixTimeMilliseconds())).Done)
            {
                throw new InvalidDataException($"{key} is there twice.");
            }
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private SqliteCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$cluster", _cluster);
        command.Parameters.AddWithValue("$subscriptions", StateKind.Subscriptions);
        return command;
    }
}
