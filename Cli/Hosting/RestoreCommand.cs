using System.CommandLine;
using Sluice.Silo;
using Sluice.Silo.Clustering;
using Sluice.Storage.Records;

namespace Sluice.Cli.Hosting;

/// <summary><c>sluice restore FILE</c>: the states of a backup become those of a cluster that is not running. The file is checked before anything is written.</summary>
internal static class RestoreCommand
{
    public static Command Define()
    {
        var file = new Argument<FileInfo>("file") { Description = "A file that 'sluice backup' made." };
        var replace = new Option<bool>("--replace") { Description = "Remove the state that is there." };
        var command = new Command("restore", "Take all state from a file that 'backup' made; no silo may run.") { file, replace };
        var read = SettingFlag.Add(command, SettingFlag.Data, SettingFlag.Storage, SettingFlag.ClusterName);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (source, configuration) = (parsed.GetRequiredValue(file), parsed.InvocationConfiguration);
            var settings = read(parsed).Silo;
            var (header, count) = await RestoreAsync(source.FullName, settings, parsed.GetValue(replace), cancellation);
            await configuration.Output.WriteLineAsync(FormattableString.Invariant(
                $"{count} states of the cluster '{header.Cluster}', taken {header.Taken:u}, are restored as '{settings.ClusterName}'."));
            await configuration.Error.WriteLineAsync("sluice: the root key was not in the backup: put that cluster's own in place before a silo starts.");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<(BackupHeader Header, long Records)> RestoreAsync(string source, SiloOptions silo, bool replace, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(source);
            var found = await BackupReader.CheckAsync(stream, cancellation);
            using var folder = DataFolder.HoldAlone(silo.Data);
            await using var records = await StoredRecords.OpenAsync(silo, make: true, TimeProvider.System, cancellation);
            stream.Position = 0;
            await records.ReplaceAsync(BackupReader.ReadAsync(stream, cancellation), token => RefuseAsync(records, silo, replace, token), cancellation);
            return found;
        }
        catch (BackupFormatException e)
        {
            throw new SiloStartException($"{source}: {e.Message}; nothing was changed", e);
        }
        catch (UnfinishedRestoreException e)
        {
            throw new SiloStartException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException || StorageFailure.Is(e))
        {
            throw new SiloStartException($"the restore failed, and nothing was changed: {StorageFailure.Describe(e)}", e);
        }
    }

    private static async Task RefuseAsync(IGrainRecords records, SiloOptions silo, bool replace, CancellationToken cancellation)
    {
        var living = await records.LivingSilosAsync(TimeProvider.System.GetUtcNow() - LivenessSettings.SilentAfter, cancellation);
        if (living.Count > 0)
        {
            throw new SiloStartException(FormattableString.Invariant(
                $"the cluster '{silo.ClusterName}' is alive ({string.Join(", ", living)}): stop its silos; after a kill, wait {LivenessSettings.SilentAfter.TotalSeconds} s"));
        }

        if (!replace && !await records.IsEmptyAsync(cancellation))
        {
            throw new SiloStartException($"the cluster '{silo.ClusterName}' has state already: name an empty data folder or another cluster, or remove what is there with --replace");
        }
    }
}
