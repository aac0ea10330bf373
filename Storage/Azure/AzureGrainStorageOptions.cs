using System.Globalization;
using System.Text.RegularExpressions;
using Orleans.Runtime;
using Orleans.Storage;

namespace Sluice.Storage.Azure;

/// <summary>Where and how grain state rests in Azure Storage: rows of a table, and blobs for states that no row holds.</summary>
public sealed class AzureGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>The storage account.</summary>
    public AzureAccount? Account { get; set; }

    /// <summary>The table of the rows, made when it is not there; 3 to 63 letters and digits, a letter first.</summary>
    public string TableName { get; set; } = "SluiceGrainState";

    /// <summary>The container of the blobs, made when it is not there; 3 to 63 lower-case letters, digits and single hyphens.</summary>
    public string ContainerName { get; set; } = "sluice-grain-state";

    /// <summary>Partitions over which grains are spread by hash; 1 to 1024. Fixed when the table is first used: another number is refused at start.</summary>
    public int Partitions { get; set; } = 16;

    /// <summary>The most writes of one partition that share a transaction; 1 to 100. 1 turns group commit off: every write goes by itself.</summary>
    public int MaxBatch { get; set; } = 100;

    /// <summary>The most writes of one partition that may wait; whoever comes then waits for a place. 1 to 100,000.</summary>
    public int QueueLength { get; set; } = 4096;

    /// <summary>The largest state, in bytes as stored, that is kept in its row; beyond it is a blob. 1 to <see cref="StateEntity.MostInline"/>.</summary>
    public int LargestRow { get; set; } = StateEntity.MostInline;

    /// <summary>How long a read or write may take with all its retries; 100 ms to 60 s. After it the caller has an error.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one request may take before it is tried again; 50 ms up to <see cref="Deadline"/>.</summary>
    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The silo's life stage in which table and container are made and looked at.</summary>
    public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;

    /// <summary>How states become bytes; JSON by default.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = JsonState.Serializer;
}

/// <summary>Names all that is wrong with the options at once.</summary>
internal sealed partial class AzureGrainStorageOptionsValidator(AzureGrainStorageOptions options, string name) : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        var errors = new List<string>();
        if (options.Account is null)
        {
            errors.Add($"{nameof(options.Account)} must be set");
        }

        if (!TablePattern().IsMatch(options.TableName))
        {
            errors.Add($"{nameof(options.TableName)} must be 3 to 63 letters and digits, a letter first, is '{options.TableName}'");
        }

        if (!ContainerPattern().IsMatch(options.ContainerName))
        {
            errors.Add($"{nameof(options.ContainerName)} must be 3 to 63 lower-case letters, digits and single hyphens, is '{options.ContainerName}'");
        }

        CheckRange(nameof(options.Partitions), options.Partitions, 1024);
        CheckRange(nameof(options.MaxBatch), options.MaxBatch, 100);
        CheckRange(nameof(options.QueueLength), options.QueueLength, 100_000);
        CheckRange(nameof(options.LargestRow), options.LargestRow, StateEntity.MostInline);
        if (options.Deadline < TimeSpan.FromMilliseconds(100) || options.Deadline > TimeSpan.FromMinutes(1))
        {
            errors.Add($"{nameof(options.Deadline)} must be 100 ms to 60 s, is {options.Deadline}");
        }

        if (options.TryTimeout < TimeSpan.FromMilliseconds(50) || options.TryTimeout > options.Deadline)
        {
            errors.Add($"{nameof(options.TryTimeout)} must be 50 ms up to {nameof(options.Deadline)}, is {options.TryTimeout}");
        }

        if (options.GrainStorageSerializer is null)
        {
            errors.Add($"{nameof(options.GrainStorageSerializer)} must be set");
        }

        if (errors.Count > 0)
        {
            throw new OrleansConfigurationException($"Azure grain storage '{name}': {string.Join("; ", errors)}.");
        }

        void CheckRange(string option, int value, int most)
        {
            if (value < 1 || value > most)
            {
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"{option} must be 1 to {most}, is {value}"));
            }
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TablePattern();

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContainerPattern();
}
