using Sluice.Tests.Processes;
using static Sluice.Tests.EndToEnd.WaysIn.Watched;

namespace Sluice.Tests.EndToEnd.WaysIn;

/// <summary>A watched Git checkout: what is committed is applied, with the commit in the history.</summary>
public sealed class GitTests
{
    [Fact]
    public async Task Each_commit_is_applied_with_its_id_and_author_and_what_is_not_committed_is_not()
    {
        await using var watched = await StartAsync("git", files =>
        {
            Git(files, "init", "--quiet", "--initial-branch=main");
            File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1));
            Commit(files, "first");
        });
        var first = await watched.AppliedAsync(1);
        Assert.Equal(Git(watched.Files, "rev-parse", "HEAD"), first.GetProperty("commit").GetString());
        var entry = (await watched.Admin.GetAsync("audit?from=2")).GetProperty("items")[0];
        Assert.Equal($"commit {first.GetProperty("commit")} by Ann <ann@example.org>: first", entry.GetProperty("reason").GetString());
        Assert.Equal("git:base git", $"{entry.GetProperty("author").GetProperty("name")} {entry.GetProperty("author").GetProperty("via")}");

        watched.Write("a.yaml", Upstream("a", 2));
        watched.Write("b.yaml", Upstream("b", 2));
        Git(watched.Files, "add", "b.yaml");
        Git(watched.Files, "commit", "--quiet", "-m", "only b");

        await watched.AppliedAsync(first.GetProperty("revision").GetInt64());
        Assert.Equal(["a git:base", "b git:base"], await watched.OwnersAsync("upstreams"));
        Assert.Equal("http://127.0.0.1:1", (await watched.Admin.GetAsync("upstreams/a")).GetProperty("addresses")[0].GetString());
    }

    [Fact]
    public async Task A_commit_without_changes_for_Sluice_is_taken_up_without_a_revision()
    {
        await using var watched = await StartAsync("git", files =>
        {
            Git(files, "init", "--quiet", "--initial-branch=main");
            File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1));
            Commit(files, "first");
        });
        var first = await watched.AppliedAsync(1);

        File.WriteAllText(Path.Combine(watched.Files, "README"), "words");
        Commit(watched.Files, "words");

        var commit = Git(watched.Files, "rev-parse", "HEAD");
        var second = await watched.UntilAsync("the commit is taken up", s => s.TryGetProperty("commit", out var c) && string.Equals(c.GetString(), commit, StringComparison.Ordinal));
        Assert.Equal(first.GetProperty("revision").GetInt64(), second.GetProperty("revision").GetInt64());
        Assert.Equal(first.GetProperty("revision").GetInt64(), await watched.ActiveAsync());
    }

    [Fact]
    public async Task A_remote_branch_is_fetched_and_a_history_that_was_rewritten_is_refused()
    {
        using var elsewhere = new TemporaryFolder();
        Git(elsewhere.Path, "init", "--quiet", "--initial-branch=main");
        File.WriteAllText(Path.Combine(elsewhere.Path, "a.yaml"), Upstream("a", 1));
        Commit(elsewhere.Path, "first");
        await using var watched = await StartAsync(
            "git",
            files => Git(files, "clone", "--quiet", elsewhere.Path, "."),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__SOURCES__0__REMOTE"] = "origin", ["SLUICE__SOURCES__0__BRANCH"] = "main" });
        var first = (await watched.AppliedAsync(1)).GetProperty("revision").GetInt64();

        File.WriteAllText(Path.Combine(elsewhere.Path, "a.yaml"), Upstream("a", 2));
        Commit(elsewhere.Path, "second");
        await watched.AppliedAsync(first);
        Git(elsewhere.Path, "commit", "--quiet", "--amend", "-m", "another second");

        await watched.FailedAsync("git fetch failed");
        Assert.Equal("http://127.0.0.1:2", (await watched.Admin.GetAsync("upstreams/a")).GetProperty("addresses")[0].GetString());
    }

    [Fact]
    public async Task A_folder_that_is_no_checkout_is_told_so()
    {
        await using var watched = await StartAsync("git", files => File.WriteAllText(Path.Combine(files, "a.yaml"), Upstream("a", 1)));

        Assert.Contains("not a git repository", (await watched.FailedAsync("git ")).ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static void Commit(string folder, string message)
    {
        Git(folder, "add", ".");
        Git(folder, "commit", "--quiet", "-m", message);
    }
}
