using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;
using static Sluice.Tests.EndToEnd.WaysIn.Watched;

namespace Sluice.Tests.EndToEnd.WaysIn;

/// <summary>A watched folder: applied as one change with its own name, or visibly wrong and not at all.</summary>
public sealed class FolderTests
{
    [Fact]
    public async Task What_lies_in_the_folder_is_applied_changed_and_removed_with_its_files()
    {
        await using var watched = await StartAsync("folder", files => File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1)));
        var first = (await watched.AppliedAsync(1)).GetProperty("revision").GetInt64();
        Assert.Equal(["a folder:base"], await watched.OwnersAsync("upstreams"));
        var author = (await watched.Admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("author");
        Assert.Equal("folder:base", author.GetProperty("name").GetString());
        Assert.Equal("folder", author.GetProperty("via").GetString());

        watched.Write("deeper/b.json", """{"kind":"Upstream","name":"b","addresses":["http://127.0.0.1:2"]}""");
        var second = (await watched.AppliedAsync(first)).GetProperty("revision").GetInt64();
        File.Delete(Path.Combine(watched.Files, "a.yaml"));
        await watched.AppliedAsync(second);

        Assert.Equal(["b folder:base"], await watched.OwnersAsync("upstreams"));
        Assert.Equal(["sandbox api"], await watched.OwnersAsync("models"));
    }

    [Fact]
    public async Task What_changes_nothing_makes_no_revision()
    {
        await using var watched = await StartAsync("folder", files => File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1)));
        await watched.AppliedAsync(1);
        var active = await watched.ActiveAsync();

        watched.Write("a.yaml", "# a comment\n" + Upstream("a", 1));
        watched.Write("b.yaml", Upstream("b", 1));
        await watched.AppliedAsync(active);

        Assert.Equal(active + 1, await watched.ActiveAsync());
        Assert.Equal(1, (await watched.Admin.GetAsync($"revisions/{active + 1}/diff")).GetProperty("changes").GetArrayLength());
    }

    [Fact]
    public async Task What_is_wrong_is_told_with_file_line_and_path_until_it_is_mended_and_nothing_is_applied()
    {
        await using var watched = await StartProcessAsync("folder", files => File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1)));
        await watched.AppliedAsync(1);
        var active = await watched.ActiveAsync();
        var before = (await watched.Admin.GetAsync("sources")).GetProperty("items")[0].GetProperty("since").GetDateTimeOffset();

        watched.Write("b.yaml", Upstream("b", 2) + "---\n" + Upstream("c", 3) + "timeouts:\n  connect: soon\n");

        var failed = await watched.FailedAsync("Upstream/c");
        var error = Assert.Single(failed.GetProperty("errors").EnumerateArray());
        Assert.Equal("b.yaml", error.GetProperty("file").GetString());
        Assert.Equal(9, error.GetProperty("line").GetInt64());
        Assert.Equal("Upstream/c: timeouts.connect", error.GetProperty("path").GetString());
        Assert.True(failed.GetProperty("since").GetDateTimeOffset() > before);
        Assert.Equal(active, await watched.ActiveAsync());
        watched.Write("b.yaml", "kind: [\n");
        var broken = Assert.Single((await watched.FailedAsync("is not YAML")).GetProperty("errors").EnumerateArray());
        Assert.Equal("b.yaml", broken.GetProperty("file").GetString());
        Assert.True(broken.GetProperty("line").GetInt64() > 0);

        watched.Write("b.yaml", Upstream("b", 2));

        var mended = await watched.AppliedAsync(active);
        Assert.False(mended.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0);
        await watched.AsProcess.LoggedAsync("Upstream/c: timeouts.connect");
        await watched.AsProcess.LoggedAsync("folder:base is applied by revision");
        Assert.Equal(1, watched.AsProcess.Log.Split("folder:base is applied by revision").Length - 1);
    }

    [Fact]
    public async Task A_link_out_of_the_folder_is_refused_and_one_within_it_is_read()
    {
        await using var watched = await StartAsync("folder", files =>
        {
            Directory.CreateDirectory(Path.Combine(files, "..2030"));
            File.WriteAllText(Path.Combine(files, "..2030", "a.yaml"), Upstream("a", 1));
            Directory.CreateSymbolicLink(Path.Combine(files, "..data"), "..2030");
            File.CreateSymbolicLink(Path.Combine(files, "a.yaml"), Path.Combine("..data", "a.yaml"));
        });
        await watched.AppliedAsync(1);
        Assert.Equal(["a folder:base"], await watched.OwnersAsync("upstreams"));

        File.CreateSymbolicLink(Path.Combine(watched.Files, "passwd.yaml"), "/etc/passwd");

        Assert.Equal("passwd.yaml", (await watched.FailedAsync("is a link out of the folder")).GetProperty("errors")[0].GetProperty("file").GetString());
    }

    [Fact]
    public async Task An_empty_folder_and_one_that_is_gone_remove_nothing()
    {
        await using var watched = await StartAsync("folder", files => File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1)));
        await watched.AppliedAsync(1);

        File.Delete(Path.Combine(watched.Files, "a.yaml"));
        await watched.FailedAsync("holds no .yaml");
        Directory.Delete(watched.Files);
        await watched.FailedAsync("there is no folder");

        Assert.Equal(["a folder:base"], await watched.OwnersAsync("upstreams"));
    }

    [Fact]
    public async Task What_a_folder_owns_is_changed_through_the_API_only_by_taking_it_over()
    {
        await using var watched = await StartAsync("folder", files => File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1)));
        await watched.AppliedAsync(1);
        var active = await watched.ActiveAsync();
        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Put, "upstreams/a", Upstream("a", 9)),
            (HttpMethod.Delete, "upstreams/a", null),
            (HttpMethod.Post, "apply", Upstream("a", 9)),
            (HttpMethod.Post, "apply?prune=true", Upstream("other", 9)),
            (HttpMethod.Post, "apply?dryRun=true", Upstream("a", 9)),
        })
        {
            var (status, problem) = await watched.Admin.SendAsync(method, path, body, "application/yaml");

            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Equal("urn:sluice:problem:owner-conflict", problem.GetProperty("type").GetString());
            var owned = Assert.Single(problem.GetProperty("owned").EnumerateArray());
            Assert.Equal("Upstream a folder:base", $"{owned.GetProperty("kind")} {owned.GetProperty("name")} {owned.GetProperty("owner")}");
        }

        Assert.Equal(HttpStatusCode.Conflict, (await watched.Admin.SendAsync(HttpMethod.Post, "rollback", """{"to":1}""")).Status);
        Assert.Equal(active, await watched.Admin.ApplyAsync(Upstream("a", 1)));
        Assert.Equal(["a folder:base"], await watched.OwnersAsync("upstreams"));

        var (taken, answer) = await watched.Admin.SendAsync(HttpMethod.Put, "upstreams/a?takeOver=true", Upstream("a", 9), "application/yaml");

        Assert.True(taken is HttpStatusCode.OK, answer.ToString());
        Assert.Equal(["a api"], await watched.OwnersAsync("upstreams"));
        var entry = (await watched.Admin.GetAsync($"audit?from={active + 1}")).GetProperty("items")[0].GetProperty("changes")[0];
        Assert.Equal("folder:base api", $"{entry.GetProperty("ownerBefore")} {entry.GetProperty("ownerAfter")}");
        Assert.True((await watched.Admin.GetAsync("audit/verify")).GetProperty("whole").GetBoolean());
        var error = (await watched.FailedAsync("belongs to api")).GetProperty("errors")[0];
        Assert.Equal("a.yaml Upstream/a", $"{error.GetProperty("file")} {error.GetProperty("path")}");
    }

    [Fact]
    public async Task A_source_that_takes_over_has_what_it_names_and_the_change_of_hands_is_a_revision()
    {
        await using var watched = await StartAsync(
            "folder",
            files => File.WriteAllText(Path.Combine(files, "all.yaml"), "kind: Provider\nname: sandbox\ndialect: sandbox\n"),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__SOURCES__0__TAKEOVER"] = "true" });

        var revision = (await watched.AppliedAsync(1)).GetProperty("revision").GetInt64();

        Assert.Equal(["sandbox folder:base"], await watched.OwnersAsync("providers"));
        var diff = (await watched.Admin.GetAsync($"revisions/{revision}/diff")).GetProperty("changes")[0];
        Assert.Equal("changed api folder:base", $"{diff.GetProperty("type")} {diff.GetProperty("ownerBefore")} {diff.GetProperty("ownerAfter")}");
    }

    [Fact]
    public async Task A_change_of_state_is_an_event()
    {
        await using var watched = await StartAsync("folder", files => File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1)));
        await watched.AppliedAsync(1);
        using var http = new HttpClient { BaseAddress = watched.Address };
        http.DefaultRequestHeaders.Authorization = new("Bearer", watched.AdminKey);

        await using var stream = await http.GetStreamAsync("api/v1/events?after=0&kind=source-changed", TestContext.Current.CancellationToken);

        using var reader = new StreamReader(stream);
        string? line;
        do
        {
            line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.StartsWith("data:", StringComparison.Ordinal));
        Assert.Equal("folder:base", JsonSerializer.Deserialize<JsonElement>(line!["data:".Length..]).GetProperty("subject").GetString());
    }
}
