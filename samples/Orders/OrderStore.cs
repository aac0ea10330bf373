using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Orders;

/// <summary>Where the database is: the section <c>database</c> of the settings.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The file.</summary>
    public string Path { get; set; } = "";
}

/// <summary>The orders. Each request asks the monitor anew: what began on the old database ends there, the next goes to the new one.</summary>
/// <param name="database">Follows the settings.</param>
public sealed class OrderStore(IOptionsMonitor<DatabaseOptions> database)
{
    /// <summary>The items that were ordered, oldest first.</summary>
    public IReadOnlyList<string> List()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT item FROM orders ORDER BY id";
        using var rows = command.ExecuteReader();
        var items = new List<string>();
        while (rows.Read())
        {
            items.Add(rows.GetString(0));
        }

        return items;
    }

    /// <summary>Takes an order.</summary>
    public void Add(string item)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO orders (item) VALUES ($item)";
        command.Parameters.AddWithValue("$item", item);
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database.CurrentValue.Path }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)";
        command.ExecuteNonQuery();
        return connection;
    }
}
