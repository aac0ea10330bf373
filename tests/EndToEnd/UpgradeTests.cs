using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Storage;
using Sluice.Storage.Records;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>State that another release has stored, as a silo of this one finds it.</summary>
public sealed class UpgradeTests(BackupTests.Taken taken) : IClassFixture<BackupTests.Taken>
{
    // Bodies of revisions are hashed byte by byte.
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task State_of_before_records_had_versions_is_served_and_has_them_once_it_is_written()
    {
        using var folder = new TemporaryFolder();
        var data = await RestoreAsync(folder, (_, state) => state.Remove(JsonState.VersionName));

        await using (var started = await SluiceProcess.StartAsync(SluiceProcess.Up(data)))
        {
            using var admin = new AdminApi(started.Admin, taken.Gateway.AdminKey);
            Assert.Equal(taken.Revision + 1, await admin.ApplyAsync(BackupTests.Taken.Upstream(6)));
            Assert.NotEmpty((await admin.GetAsync("tenants/default/keys")).GetProperty("items").EnumerateArray());
            Assert.Equal(0, await started.StopAsync());
        }

        var file = Path.Combine(folder.Path, "after.backup");
        Assert.Equal(0, (await SluiceProcess.CommandAsync(["backup", file, "--data", data])).Code);
        var head = Assert.Single(await ReadAsync(file), r => string.Equals(r.StateName, "head", StringComparison.Ordinal));
        Assert.Equal(1, JsonNode.Parse(head.Payload)![JsonState.VersionName]!.GetValue<int>());
    }

    [Fact]
    public async Task A_record_of_a_newer_release_is_refused_by_its_name_and_version_and_the_rest_is_served()
    {
        using var folder = new TemporaryFolder();
        var data = await RestoreAsync(folder, (record, state) =>
        {
            if (string.Equals(record.GrainType, "tenant", StringComparison.Ordinal))
            {
                state[JsonState.VersionName] = 7;
            }
        });
        await using var started = await SluiceProcess.StartAsync(SluiceProcess.Up(data));
        using var admin = new AdminApi(started.Admin, taken.Gateway.AdminKey);

        var (status, _) = await admin.SendAsync(HttpMethod.Get, "tenants/default/keys", body: null);

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("tenant", started.Log, StringComparison.Ordinal);
        Assert.Contains("version 7 and was written by a newer Sluice; this one reads versions up to 1", started.Log, StringComparison.Ordinal);
        Assert.Equal(taken.Revision + 1, await admin.ApplyAsync(BackupTests.Taken.Upstream(7)));
    }

    // A folder of the backup's state, each record changed as another release would have it.
    private async Task<string> RestoreAsync(TemporaryFolder folder, Action<GrainRecord, JsonObject> change)
    {
        var (file, data) = (Path.Combine(folder.Path, "other.backup"), Path.Combine(folder.Path, "data"));
        await using (var stream = File.Create(file))
        {
            await BackupWriter.WriteAsync(stream, "other", DateTimeOffset.UnixEpoch, (await ReadAsync(taken.File)).Select(record =>
            {
                var state = JsonNode.Parse(record.Payload)!.AsObject();
                change(record, state);
                return record with { Payload = JsonSerializer.SerializeToUtf8Bytes(state, AsWritten) };
            }).ToAsyncEnumerable(), TestContext.Current.CancellationToken);
        }

        var (code, _, errors) = await SluiceProcess.CommandAsync(["restore", file, "--data", data]);
        Assert.True(code == 0, errors);
        File.Copy(Path.Combine(taken.Gateway.Data, "root.key"), Path.Combine(data, "root.key"));
        return data;
    }

    private static async Task<List<GrainRecord>> ReadAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        return await BackupReader.ReadAsync(stream, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }
}
