using Sluice.Tests.Processes;
using static Sluice.Tests.EndToEnd.WaysIn.Watched;

namespace Sluice.Tests.EndToEnd.WaysIn;

/// <summary>A source that several silos have in their settings.</summary>
public sealed class SeveralSilosTests
{
    [Fact]
    public async Task One_silo_watches_and_another_goes_on_when_it_was_killed()
    {
        using var folder = new TemporaryFolder();
        var (data, files) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "files"));
        Directory.CreateDirectory(files);
        await WriteAsync(1);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__SOURCES__0__KIND"] = "folder", ["SLUICE__SOURCES__0__NAME"] = "base", ["SLUICE__SOURCES__0__PATH"] = files, ["SLUICE__SOURCES__0__EVERY"] = "100ms",
        };
        string[] arguments = ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", data];
        var first = await SluiceProcess.StartAsync(arguments, settings);
        await using var second = await SluiceProcess.StartAsync(arguments, settings);
        using var admin = new AdminApi(second.Admin, first.Line.AdminKey!);
        string? watching = null;
        await Eventually.TrueAsync(async () => (watching = await SiloAsync("applied")) is not null, "a silo watches");

        await first.KillAsync();
        await first.DisposeAsync();
        await WriteAsync(2);

        await Eventually.TrueAsync(
            async () => await admin.SendAsync(HttpMethod.Get, "upstreams/a", null) is var (_, body) && body.ToString().Contains("127.0.0.1:2", StringComparison.Ordinal), "the change is applied by the other silo");
        Assert.NotEqual(watching, await SiloAsync("applied"));

        async Task<string?> SiloAsync(string state)
        {
            var (_, list) = await admin.SendAsync(HttpMethod.Get, "sources", null);
            return list.TryGetProperty("items", out var items) && items.GetArrayLength() is 1 && string.Equals(items[0].GetProperty("state").GetString(), state, StringComparison.Ordinal)
                ? items[0].GetProperty("silo").GetString()
                : null;
        }

        Task WriteAsync(int port) => File.WriteAllTextAsync(Path.Combine(files, "a.yaml"), Upstream("a", port), TestContext.Current.CancellationToken);
    }
}
