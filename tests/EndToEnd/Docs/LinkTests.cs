using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Docs;

/// <summary>Links between pages lead somewhere.</summary>
public sealed class LinkTests
{
    [Fact]
    public void Every_relative_link_leads_to_a_file_and_its_heading()
    {
        var broken = new List<string>();
        foreach (var page in Page.All())
        {
            foreach (var link in page.Links())
            {
                var (file, anchor) = link.Split('#') is [var before, var after] ? (before, after) : (link, null);
                var target = file.Length > 0 ? Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(page.Path)!, file)) : Path.Combine(Repository.Root, page.Path);
                if (!Path.Exists(target) || (anchor is not null && !Page.Read(Path.GetRelativePath(Repository.Root, target)).Anchors().Contains(anchor, StringComparer.Ordinal)))
                {
                    broken.Add($"{page}: {link}");
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_is_reached_from_the_README()
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(["README.md"]);
        while (open.TryDequeue(out var path))
        {
            if (!reached.Add(path) || !path.EndsWith(".md", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var link in Page.Read(path).Links())
            {
                var target = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, link.Split('#')[0]));
                foreach (var file in Directory.Exists(target) ? Directory.GetFiles(target) : [target])
                {
                    open.Enqueue(Path.GetRelativePath(Repository.Root, file));
                }
            }
        }

        Assert.Empty(Page.All().Select(p => p.Path).Except(reached, StringComparer.Ordinal));
    }
}
