using System.CommandLine;
using Sluice.Silo;
using Sluice.Storage.Records;

namespace Sluice.Cli.Hosting;

/// <summary><c>sluice backup FILE</c>: every state of a cluster in one file, while its silos run.</summary>
internal static class BackupCommand
{
    public static Command Define()
    {
        var file = new Argument<FileInfo>("file") { Description = "The file to make; one that is there is not overwritten." };
        var command = new Command("backup", "Copy all state into one file, while silos run or not.") { file };
        var read = SettingFlag.Add(command, SettingFlag.Data, SettingFlag.Storage, SettingFlag.ClusterName);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (target, configuration) = (parsed.GetRequiredValue(file), parsed.InvocationConfiguration);
            var made = await WriteAsync(target.FullName, read(parsed).Silo, cancellation);
            await configuration.Output.WriteLineAsync(FormattableString.Invariant($"{target.FullName}: {made.Records} states, SHA-256 {made.Sha256}"));
            await configuration.Error.WriteLineAsync("sluice: the root key is not in the backup, and without it no secret in it can be opened: keep it elsewhere.");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<BackupTrailer> WriteAsync(string target, SiloOptions silo, CancellationToken cancellation)
    {
        if (File.Exists(target))
        {
            throw new UsageException($"{target} is there already: name another file");
        }

        await using var records = await StoredRecords.OpenAsync(silo, make: false, TimeProvider.System, cancellation);

        // Under another name until it is whole: what has the right name can be restored.
        var draft = $"{target}.part";
        try
        {
            BackupTrailer made;
            await using (var stream = new FileStream(draft, Create()))
            {
                made = await BackupWriter.WriteAsync(stream, silo.ClusterName, TimeProvider.System.GetUtcNow(), records.ReadAsync(cancellation), cancellation);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, target, overwrite: false);
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(draft);
            throw new SiloStartException($"{target} cannot be written: {e.Message}", e);
        }
        catch (Exception e)
        {
            File.Delete(draft);
            if (StorageFailure.Is(e))
            {
                throw new SiloStartException($"the backup failed: {StorageFailure.Describe(e)}", e);
            }

            throw;
        }
    }

    // Hashes of keys and sealed secrets are in it: for its owner only.
    private static FileStreamOptions Create()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1024 * 1024 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
