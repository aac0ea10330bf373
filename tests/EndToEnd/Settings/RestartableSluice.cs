using System.Globalization;
using Microsoft.Data.Sqlite;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Settings;

/// <summary>A Sluice whose admin API has the same address after a restart, and the databases of a service that moves from one to the other.</summary>
internal sealed class RestartableSluice : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Ports.Free();
    private SluiceProcess? _process;

    public Uri Admin => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}"));

    public string Key { get; private set; } = "";

    /// <summary>A path in the folder.</summary>
    public string PathOf(string name) => Path.Combine(_folder.Path, name);

    public static async Task<RestartableSluice> CreateAsync()
    {
        var sluice = new RestartableSluice();
        await sluice.StartAsync();
        sluice.Key = sluice._process!.Line.AdminKey!;
        return sluice;
    }

    public async Task StartAsync() => _process = await SluiceProcess.StartAsync(
        ["silo", "--admin", _port.ToString(CultureInfo.InvariantCulture), "--silo-port", "0", "--gateway-port", "0", "--data", PathOf("data")]);

    public async Task StopAsync()
    {
        Assert.Equal(0, await _process!.StopAsync());
        await _process.DisposeAsync();
    }

    /// <summary>Makes a database with one order, and answers its file.</summary>
    public string CreateDatabase(string name, string item)
    {
        var path = PathOf(name);
        using var connection = new SqliteConnection($"Data Source={path}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL); INSERT INTO orders (item) VALUES ($item)";
        command.Parameters.AddWithValue("$item", item);
        command.ExecuteNonQuery();
        return path;
    }

    /// <summary>Says where the database of <c>orders</c> is.</summary>
    public async Task MoveToAsync(string database)
    {
        using var admin = new AdminApi(Admin, Key);
        await admin.ApplyAsync($"kind: Setting\nname: orders\napp: orders\nvalues: {{ database: {{ path: \"{database}\" }} }}");
    }

    public async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}
