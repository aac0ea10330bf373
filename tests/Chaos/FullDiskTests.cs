using System.Diagnostics;
using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos;

/// <summary>A data folder whose disk is full, a small one of its own.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task Changes_are_refused_while_there_is_no_room_and_go_on_without_a_restart_once_there_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && string.Equals(Environment.UserName, "root", StringComparison.Ordinal), "A small file system of its own can be mounted by root on Linux only.");
        using var folder = new TemporaryFolder();
        var disk = Directory.CreateDirectory(Path.Combine(folder.Path, "disk")).FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk) == 0, "This machine does not allow mounts.");
        try
        {
            await using var sluice = await SluiceProcess.StartAsync(SluiceProcess.Up(Path.Combine(disk, "data")));
            using var admin = new AdminApi(sluice.Admin, sluice.Line.AdminKey!);
            var before = await admin.ApplyAsync(Upstream(1));
            var filler = Path.Combine(disk, "filler");
            Fill(filler);

            // What the log already has room for may still be written.
            (HttpStatusCode Status, System.Text.Json.JsonElement Body) refusal = default;
            await Eventually.TrueAsync(
                async () =>
                {
                    refusal = await admin.SendAsync(HttpMethod.Post, "apply", Upstream((int)++before), "application/yaml");
                    return refusal.Status != HttpStatusCode.OK;
                },
                "a change is refused");
            Assert.Equal(HttpStatusCode.InsufficientStorage, refusal.Status);
            Assert.Equal("urn:sluice:problem:storage-full", refusal.Body.GetProperty("type").GetString());
            before = await ActiveAsync(admin);

            File.Delete(filler);

            Assert.Equal(before + 1, await admin.ApplyAsync(Upstream(40_000)));
            Assert.Equal(before + 1, await ActiveAsync(admin));
        }
        finally
        {
            await RunAsync("umount", disk);
        }
    }

    private static async Task<long> ActiveAsync(AdminApi admin) =>
        (await admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("revision").GetInt64();

    // Byte by byte at the end, so that no page is left.
    private static void Fill(string file)
    {
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 1024 * 1024, 4096, 1 })
        {
            var block = new byte[size];
            try
            {
                while (true)
                {
                    stream.Write(block);
                }
            }
            catch (IOException)
            {
                // Full for blocks of this size.
            }
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        await process.WaitForExitAsync(bound.Token);
        return process.ExitCode;
    }

    private static string Upstream(int port) => FormattableString.Invariant($$"""
        kind: Upstream
        name: there
        addresses: ["http://127.0.0.1:{{port}}"]
        """);
}
