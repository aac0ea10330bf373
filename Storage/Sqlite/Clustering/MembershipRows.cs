using System.Globalization;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;

namespace Sluice.Storage.Sqlite.Clustering;

/// <summary>The membership of one cluster in the file: its rows and the version of the whole. A row's ETag is the version under which it was written.</summary>
internal sealed class MembershipRows(SqliteConnection connection, string cluster)
{
    private const string Columns = "silo, etag, status, proxy_port, host_name, silo_name, role_name, start_time, alive_time, suspect_times";

    /// <summary>The version and the rows as they stand at one moment.</summary>
    /// <param name="silo">Only this one's row; null: all.</param>
    public MembershipTableData Read(SiloAddress? silo = null)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        var version = (int)(long)(Command("SELECT version FROM membership_version WHERE cluster = $cluster").ExecuteScalar() ?? 0L);
        using var command = silo is null
            ? Command($"SELECT {Columns} FROM membership WHERE cluster = $cluster ORDER BY silo")
            : Command($"SELECT {Columns} FROM membership WHERE cluster = $cluster AND silo = $silo", ("$silo", silo.ToParsableString()));
        using var reader = command.ExecuteReader();
        var rows = new List<Tuple<MembershipEntry, string>>();
        while (reader.Read())
        {
            rows.Add(Tuple.Create(Entry(reader), Text(reader.GetInt64(1))));
        }

        return new MembershipTableData(rows, new TableVersion(version, Text(version)));
    }

    /// <summary>Adds the version of a new cluster.</summary>
    public void AddVersion() => Run("INSERT INTO membership_version (cluster, version) VALUES ($cluster, 0) ON CONFLICT DO NOTHING");

    /// <summary>Adds or changes a row and moves the version, both or neither.</summary>
    /// <param name="entry">The row.</param>
    /// <param name="etag">The ETag that is stored; null: there must be no row.</param>
    /// <param name="next">The version to be, with the ETag of the one that is stored.</param>
    public bool Write(MembershipEntry entry, string? etag, TableVersion next)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var moved = Run(
            "UPDATE membership_version SET version = $next WHERE cluster = $cluster AND version = $expected",
            ("$next", next.Version),
            ("$expected", Number(next.VersionEtag)));
        if (moved == 0 || Put(entry, etag, next.Version) == 0)
        {
            return false;
        }

        transaction.Commit();
        return true;
    }

    /// <summary>Writes when a silo was last alive; nothing else changes.</summary>
    public void WriteAlive(MembershipEntry entry) => Run(
        "UPDATE membership SET alive_time = $alive WHERE cluster = $cluster AND silo = $silo",
        ("$silo", entry.SiloAddress.ToParsableString()),
        ("$alive", Text(entry.IAmAliveTime)));

    /// <summary>Removes the rows of dead silos of which nothing was heard since a time.</summary>
    public void RemoveDefunct(DateTime before)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        foreach (var (entry, etag) in ReadDead())
        {
            if (LastHeard(entry) < before)
            {
                Run(
                    "DELETE FROM membership WHERE cluster = $cluster AND silo = $silo AND etag = $etag",
                    ("$silo", entry.SiloAddress.ToParsableString()),
                    ("$etag", Number(etag)));
            }
        }

        transaction.Commit();
    }

    /// <summary>Removes a cluster.</summary>
    public void RemoveAll(string of)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        Run("DELETE FROM membership WHERE cluster = $of; DELETE FROM membership_version WHERE cluster = $of", ("$of", of));
        transaction.Commit();
    }

    private List<(MembershipEntry Entry, string ETag)> ReadDead()
    {
        using var command = Command(
            $"SELECT {Columns} FROM membership WHERE cluster = $cluster AND status = $status", ("$status", nameof(SiloStatus.Dead)));
        using var reader = command.ExecuteReader();
        var dead = new List<(MembershipEntry, string)>();
        while (reader.Read())
        {
            dead.Add((Entry(reader), Text(reader.GetInt64(1))));
        }

        return dead;
    }

    private static DateTime LastHeard(MembershipEntry entry) =>
        (entry.SuspectTimes ?? []).Select(s => s.Item2).Append(entry.StartTime).Append(entry.IAmAliveTime).Max();

    private int Put(MembershipEntry entry, string? etag, int version) => Run(
        etag is null
            ? """
              INSERT INTO membership (cluster, silo, etag, status, proxy_port, host_name, silo_name, role_name, start_time, alive_time, suspect_times)
              VALUES ($cluster, $silo, $version, $status, $port, $host, $name, $role, $start, $alive, $suspects)
              ON CONFLICT DO NOTHING
              """
            : """
              UPDATE membership SET etag = $version, status = $status, proxy_port = $port, host_name = $host, silo_name = $name, role_name = $role,
                start_time = $start, alive_time = $alive, suspect_times = $suspects
              WHERE cluster = $cluster AND silo = $silo AND etag = $etag
              """,
        ("$silo", entry.SiloAddress.ToParsableString()),
        ("$etag", etag is null ? null : Number(etag)),
        ("$version", version),
        ("$status", entry.Status.ToString()),
        ("$port", entry.ProxyPort),
        ("$host", entry.HostName ?? ""),
        ("$name", entry.SiloName ?? ""),
        ("$role", entry.RoleName ?? ""),
        ("$start", Text(entry.StartTime)),
        ("$alive", Text(entry.IAmAliveTime)),
        ("$suspects", string.Join('|', (entry.SuspectTimes ?? []).Select(s => $"{s.Item1.ToParsableString()},{Text(s.Item2)}"))));

    private static MembershipEntry Entry(SqliteDataReader row) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(row.GetString(0)),
        Status = Enum.Parse<SiloStatus>(row.GetString(2)),
        ProxyPort = row.GetInt32(3),
        HostName = row.GetString(4),
        SiloName = row.GetString(5),
        RoleName = row.GetString(6),
        StartTime = Time(row.GetString(7)),
        IAmAliveTime = Time(row.GetString(8)),
        SuspectTimes = [.. row.GetString(9).Split('|', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split(','))
            .Select(s => Tuple.Create(SiloAddress.FromParsableString(s[0]), Time(s[1])))],
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private static long Number(string etag) => long.Parse(etag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$cluster", cluster);
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
