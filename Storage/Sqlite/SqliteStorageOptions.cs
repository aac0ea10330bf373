using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;

namespace Sluice.Storage.Sqlite;

/// <summary>Where and how grain state rests in a SQLite file. Storages of one silo that name the same file share its connections.</summary>
public sealed class SqliteStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>Path of the database file; its folder is made when it is not there.</summary>
    public string Path { get; set; } = "";

    /// <summary>How long a connection waits for another process that holds the file's write lock; 1 ms to 60 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections, each on a thread of its own, that read; 1 to 64.</summary>
    public int Readers { get; set; } = 2;

    /// <summary>The most writes that one transaction, and so one flush to disk, carries; 1 to 10,000.</summary>
    public int MaxBatch { get; set; } = 256;

    /// <summary>The most reads, and the most writes, that may wait; whoever comes then waits for a place. 1 to 1,000,000.</summary>
    public int QueueLength { get; set; } = 4096;

    /// <summary>The silo's life stage in which the file is opened and closed.</summary>
    public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;

    /// <summary>How states become bytes; JSON by default.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = JsonState.Serializer;
}

/// <summary>Names all that is wrong with the options at once.</summary>
internal sealed class SqliteStorageOptionsValidator(SqliteStorageOptions options, string name) : IConfigurationValidator
{
    private static readonly TimeSpan LongestBusyTimeout = TimeSpan.FromMinutes(1);

    public void ValidateConfiguration()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Path))
        {
            errors.Add($"{nameof(options.Path)} must be the path of a file");
        }

        if (options.BusyTimeout < TimeSpan.FromMilliseconds(1) || options.BusyTimeout > LongestBusyTimeout)
        {
            errors.Add($"{nameof(options.BusyTimeout)} must be 1 ms to 60 s, is {options.BusyTimeout}");
        }

        CheckRange(nameof(options.Readers), options.Readers, 64);
        CheckRange(nameof(options.MaxBatch), options.MaxBatch, 10_000);
        CheckRange(nameof(options.QueueLength), options.QueueLength, 1_000_000);
        if (options.GrainStorageSerializer is null)
        {
            errors.Add($"{nameof(options.GrainStorageSerializer)} must be set");
        }

        if (errors.Count > 0)
        {
            throw new OrleansConfigurationException($"SQLite grain storage '{name}': {string.Join("; ", errors)}.");
        }

        void CheckRange(string option, int value, int most)
        {
            if (value < 1 || value > most)
            {
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"{option} must be 1 to {most}, is {value}"));
            }
        }
    }
}
