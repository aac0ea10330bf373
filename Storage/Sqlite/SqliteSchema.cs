using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>The tables of the file. Its version is in <c>PRAGMA user_version</c>: 0 for a file that was just made.</summary>
internal static class SqliteSchema
{
    /// <summary>The version that this program writes.</summary>
    public const int Version = 2;

    // A table with rowids, not WITHOUT ROWID: bodies of revisions can be megabytes, and would then stand inside the key's tree.
    private const string Create = """
        CREATE TABLE grain_state (
          service    TEXT NOT NULL,
          grain_type TEXT NOT NULL,
          grain_key  TEXT NOT NULL,
          state_name TEXT NOT NULL,
          etag       TEXT NOT NULL,
          payload    BLOB NOT NULL,
          updated_ms INTEGER NOT NULL,
          PRIMARY KEY (service, grain_type, grain_key, state_name)
        );
        """;

    private const string CreateMembership = """
        CREATE TABLE membership_version (
          cluster TEXT NOT NULL PRIMARY KEY,
          version INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE membership (
          cluster       TEXT NOT NULL,
          silo          TEXT NOT NULL,
          etag          INTEGER NOT NULL,
          status        TEXT NOT NULL,
          proxy_port    INTEGER NOT NULL,
          host_name     TEXT NOT NULL,
          silo_name     TEXT NOT NULL,
          role_name     TEXT NOT NULL,
          start_time    TEXT NOT NULL,
          alive_time    TEXT NOT NULL,
          suspect_times TEXT NOT NULL,
          PRIMARY KEY (cluster, silo)
        ) WITHOUT ROWID;
        """;

    /// <summary>Makes the tables of a new file, adds those of later versions to an older one, and refuses what this program cannot read.</summary>
    /// <exception cref="SqliteSchemaException">A newer program wrote the file, or it is another program's.</exception>
    public static void Ensure(SqliteConnection connection, string path)
    {
        // The version is looked at under the write lock, for several silos may start on a new file at once.
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = Scalar(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new SqliteSchemaException(string.Create(CultureInfo.InvariantCulture,
                $"'{path}' has schema version {version} and was written by a newer Sluice; this one knows versions up to {Version}. Start the newer program, or another file."));
        }

        if (version == 0)
        {
            if (Scalar(connection, "SELECT count(*) FROM sqlite_schema") > 0)
            {
                throw new SqliteSchemaException($"'{path}' is another program's SQLite database. Name a file that Sluice made, or one that does not exist.");
            }

            Execute(connection, Create);
        }

        if (version < Version)
        {
            Execute(connection, CreateMembership);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
        }

        transaction.Commit();
    }

    /// <summary>Runs a statement of this program's own text.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constants and numbers of this folder come here.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constants of this class come here.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }
}

/// <summary>The file is not one that this program can use.</summary>
public sealed class SqliteSchemaException(string message, Exception? inner = null) : Exception(message, inner);
