using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Sluice.Storage.Sqlite.Clustering;

/// <summary>Names all that is wrong with the options at once.</summary>
internal sealed class SqliteClusteringOptionsValidator(IOptions<SqliteClusteringOptions> options) : IConfigurationValidator
{
    private static readonly TimeSpan LongestBusyTimeout = TimeSpan.FromMinutes(1);

    public void ValidateConfiguration()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Value.Path))
        {
            errors.Add($"{nameof(SqliteClusteringOptions.Path)} must be the path of a file");
        }

        if (options.Value.BusyTimeout < TimeSpan.FromMilliseconds(1) || options.Value.BusyTimeout > LongestBusyTimeout)
        {
            errors.Add($"{nameof(SqliteClusteringOptions.BusyTimeout)} must be 1 ms to 60 s, is {options.Value.BusyTimeout}");
        }

        if (errors.Count > 0)
        {
            throw new OrleansConfigurationException($"SQLite clustering: {string.Join("; ", errors)}.");
        }
    }
}
