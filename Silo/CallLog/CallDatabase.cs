using DuckDB.NET.Data;
using Microsoft.Extensions.Options;
using Sluice.Grains.CallLog;

namespace Sluice.Silo.CallLog;

/// <summary>
/// DuckDB over files of the call log: one database in memory for a silo, opened when it is first asked. It promises bounds: of memory (what needs more goes to the disk), of threads, of statements at
/// one time and of their duration; and it reads nothing but the archive's folder.
/// </summary>
internal sealed class CallDatabase(CallArchive archive, IOptions<CallLogOptions> options, SiloOptions silo, TimeProvider time) : IDisposable
{
    private const int MostAtOnce = 2;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _places = new(MostAtOnce);
    private readonly Lock _gate = new();
    private DuckDBConnection? _database;

    /// <summary>Runs a statement, and has each of its rows read.</summary>
    /// <param name="sql">With parameters as <c>$name</c>.</param>
    /// <param name="parameters">Their values.</param>
    /// <param name="read">Reads a row. Not on the caller's thread.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SearchRefusedException">It took too long, needed too much memory, or the library cannot be loaded here.</exception>
    public async Task<List<T>> QueryAsync<T>(string sql, IEnumerable<KeyValuePair<string, object>> parameters, Func<DuckDBDataReader, T> read, CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(Bound, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, bound.Token);
        var hasPlace = false;
        try
        {
            await _places.WaitAsync(either.Token);
            hasPlace = true;
            return await Task.Run(() => Query(sql, parameters, read, either.Token), either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SearchRefusedException($"The search took longer than {Bound.TotalSeconds:0} s. Ask for a shorter time, or for one tenant.");
        }
        catch (DuckDBException e)
        {
            throw new SearchRefusedException($"The call log could not be searched: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SearchRefusedException($"The call log's folder cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException)
        {
            throw new SearchRefusedException($"The call log cannot be searched on this machine, for DuckDB's library could not be loaded: {e.Message}", e);
        }
        finally
        {
            if (hasPlace)
            {
                _places.Release();
            }
        }
    }

    public void Dispose()
    {
        _database?.Dispose();
        _places.Dispose();
    }

    /// <summary>A text as a literal of SQL.</summary>
    internal static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private List<T> Query<T>(string sql, IEnumerable<KeyValuePair<string, object>> parameters, Func<DuckDBDataReader, T> read, CancellationToken cancellation)
    {
        using var connection = Database().Duplicate();
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new DuckDBParameter(name, value));
        }

        using var stop = cancellation.Register(command.Cancel);
        var rows = new List<T>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            rows.Add(read(reader));
        }

        return rows;
    }

    private DuckDBConnection Database()
    {
        lock (_gate)
        {
            return _database ??= Open();
        }
    }

    private DuckDBConnection Open()
    {
        var database = new DuckDBConnection("Data Source=:memory:");
        try
        {
            database.Open();
            using var command = database.CreateCommand();
            Directory.CreateDirectory(archive.Folder);
            var spill = Path.Combine(Path.GetFullPath(silo.Data), "copies", "search");
            command.CommandText = string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"""
                SET memory_limit='{options.Value.SearchMegabytes}MiB';
                SET threads={options.Value.SearchThreads};
                SET temp_directory={Literal(spill)};
                SET max_temp_directory_size='{options.Value.SearchMegabytes * 4L}MiB';
                SET preserve_insertion_order=false;
                SET TimeZone='UTC';
                SET autoinstall_known_extensions=false;
                SET autoload_known_extensions=false;
                SET allowed_directories=[{Literal(archive.Folder)}];
                SET enable_external_access=false;
                SET lock_configuration=true;
                """);
            command.ExecuteNonQuery();
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}

/// <summary>A search of the call log was not answered; its message says why.</summary>
public sealed class SearchRefusedException(string message, Exception? inner = null) : Exception(message, inner);
