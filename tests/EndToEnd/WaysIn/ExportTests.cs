using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;
using static Sluice.Tests.EndToEnd.WaysIn.Watched;

namespace Sluice.Tests.EndToEnd.WaysIn;

/// <summary>What is exported applies back to no change, by hand and from a watched folder.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task An_export_applies_back_to_no_change_and_leaves_secrets_out()
    {
        await using var gateway = await Gateway.StartAsync();
        using var folder = new TemporaryFolder();
        var (cli, directory) = (new Shell(gateway), Path.Combine(folder.Path, "out"));
        await cli.DoneAsync("apply", "-f", Path.Combine(Repository.Root, "docs", "examples"));
        await gateway.Admin.ApplyAsync("kind: Secret\nname: kept\nvalue: canary-of-the-secret\n---\nkind: Model\nname: vendor/some:model\ntargets: [{ provider: sandbox, model: sandbox }]");

        var told = await cli.DoneAsync("export", "-d", directory);

        Assert.Contains("4 secrets are left out", told, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-of-the-secret", string.Concat(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(File.ReadAllText)), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(directory, "models", "vendor%2Fsome%3Amodel.yaml")));
        Assert.Contains("Nothing differs", await cli.DoneAsync("apply", "-f", directory), StringComparison.Ordinal);
        Assert.Contains("must be a folder that is empty", await cli.FailsAsync(2, "export", "-d", directory), StringComparison.Ordinal);
        await cli.DoneAsync("export", "-d", Path.Combine(folder.Path, "first"), "--revision", "1");
        Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(folder.Path, "first"), "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task An_export_into_a_watched_folder_changes_nothing_and_no_hands()
    {
        await using var watched = await StartAsync("folder", _ => { });
        await watched.FailedAsync("holds no .yaml");
        var (code, _, errors) = await HostedSluice.CommandAsync(["export", "-d", watched.Files], watched.Environment);
        Assert.True(code is 0, errors);

        await watched.UntilAsync("the export is taken up", s => s.GetProperty("state").GetString() is "applied");

        Assert.Equal(1, await watched.ActiveAsync());
        Assert.Equal(["sandbox api"], await watched.OwnersAsync("models"));
        var (_, table, _) = await HostedSluice.CommandAsync(["sources"], watched.Environment);
        Assert.Matches(@"SOURCE +STATE +SINCE +REVISION.*\nfolder:base +applied ", table);
    }
}
