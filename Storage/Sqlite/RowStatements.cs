using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>The prepared statements of one connection. Used by one thread only.</summary>
internal sealed class RowStatements : IDisposable
{
    private const string ThisRow = "service = $service AND grain_type = $type AND grain_key = $key AND state_name = $state";

    private readonly SqliteCommand _select;
    private readonly SqliteCommand _selectETag;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _delete;

    public RowStatements(SqliteConnection connection)
    {
        _select = Prepare($"SELECT etag, payload FROM grain_state WHERE {ThisRow}");
        _selectETag = Prepare($"SELECT etag FROM grain_state WHERE {ThisRow}");
        _insert = Prepare(
            """
            INSERT INTO grain_state (service, grain_type, grain_key, state_name, etag, payload, updated_ms)
            VALUES ($service, $type, $key, $state, $etag, $payload, $updated)
            ON CONFLICT DO NOTHING
            """, "$etag", "$payload", "$updated");
        _update = Prepare(
            $"UPDATE grain_state SET etag = $etag, payload = $payload, updated_ms = $updated WHERE {ThisRow} AND etag = $expected",
            "$etag", "$payload", "$updated", "$expected");
        _delete = Prepare($"DELETE FROM grain_state WHERE {ThisRow} AND etag = $expected", "$expected");

        SqliteCommand Prepare(string sql, params ReadOnlySpan<string> more)
        {
            var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var name in (ReadOnlySpan<string>)["$service", "$type", "$key", "$state", .. more])
            {
                command.Parameters.Add(new SqliteParameter(name, value: null));
            }

            return command;
        }
    }

    /// <summary>The row, or null.</summary>
    public Row? Read(RowKey key)
    {
        Bind(_select, key);
        using var reader = _select.ExecuteReader();
        return reader.Read() ? new Row(reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : null;
    }

    /// <summary>Does the write where the expected ETag is stored.</summary>
    public WriteOutcome Write(RowWrite write)
    {
        var done = (write.Expected, write.Payload) switch
        {
            (null, null) => false,
            (null, _) => Put(_insert, write) > 0,
            (_, null) => Run(_delete, write) > 0,
            _ => Put(_update, write) > 0,
        };
        if (done)
        {
            return new WriteOutcome(Done: true, write.ETag);
        }

        Bind(_selectETag, write.Key);
        var stored = (string?)_selectETag.ExecuteScalar();

        // Removing what is not there is done already.
        return new WriteOutcome(Done: write.Payload is null && write.Expected is null && stored is null, stored);
    }

    public void Dispose()
    {
        _select.Dispose();
        _selectETag.Dispose();
        _insert.Dispose();
        _update.Dispose();
        _delete.Dispose();
    }

    private static int Put(SqliteCommand command, RowWrite write)
    {
        command.Parameters["$etag"].Value = write.ETag;
        command.Parameters["$payload"].Value = write.Payload;
        command.Parameters["$updated"].Value = write.UpdatedMs;
        try
        {
            return Run(command, write);
        }
        finally
        {
            command.Parameters["$payload"].Value = null;
        }
    }

    private static int Run(SqliteCommand command, RowWrite write)
    {
        Bind(command, write.Key);
        if (write.Expected is not null)
        {
            command.Parameters["$expected"].Value = write.Expected;
        }

        return command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, RowKey key)
    {
        command.Parameters["$service"].Value = key.Service;
        command.Parameters["$type"].Value = key.GrainType;
        command.Parameters["$key"].Value = key.GrainKey;
        command.Parameters["$state"].Value = key.StateName;
    }
}
