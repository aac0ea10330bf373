using System.Text.RegularExpressions;
using Sluice.Grains.Interfaces;
using Sluice.Revisions;

namespace Sluice.Silo.Sources;

/// <summary>A folder or Git checkout that is watched, one of <c>Sluice:Sources</c>. Described in docs/ways-in.md.</summary>
public sealed partial record SourceOptions
{
    /// <summary>A folder of files.</summary>
    public const string Folder = "folder";

    /// <summary>A Git checkout, of which commits are read.</summary>
    public const string Git = "git";

    /// <summary><c>folder</c> or <c>git</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Names the source: its resources belong to <c>folder:name</c> or <c>git:name</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The folder; of a Git source the checkout, or a folder in it.</summary>
    public string Path { get; init; } = "";

    /// <summary>The workspace that is changed. Default <c>default</c>.</summary>
    public string Workspace { get; init; } = GrainKeys.DefaultWorkspace;

    /// <summary>How often it is looked at, 100 ms to 1 h. Default 5 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Of a Git source: the remote that is fetched before each look; null: what the checkout has.</summary>
    public string? Remote { get; init; }

    /// <summary>Of a Git source: the branch; null: what is checked out. Needed with <see cref="Remote"/>.</summary>
    public string? Branch { get; init; }

    /// <summary>True: what it names is taken over from other owners.</summary>
    public bool TakeOver { get; init; }

    /// <summary>As resources and authors name it.</summary>
    public string Owner => $"{Kind}:{Name}";

    /// <summary>All that is wrong; empty where all is right.</summary>
    internal IEnumerable<string> Validate()
    {
        if (Kind is not (Folder or Git))
        {
            yield return $"Kind must be 'folder' or 'git', is '{Kind}'";
        }

        if (!Names.IsResource(Name))
        {
            yield return $"Name must be {Names.ResourceRule}; is '{Name}'";
        }

        if (string.IsNullOrWhiteSpace(Path))
        {
            yield return "Path must be that of a folder";
        }

        if (Workspace is not GrainKeys.DefaultWorkspace)
        {
            yield return $"Workspace must be '{GrainKeys.DefaultWorkspace}', the one that there is; is '{Workspace}'";
        }

        if (Every < TimeSpan.FromMilliseconds(100) || Every > TimeSpan.FromHours(1))
        {
            yield return "Every must be 100ms to 1h";
        }

        foreach (var (field, value) in new[] { (nameof(Remote), Remote), (nameof(Branch), Branch) })
        {
            if (value is not null && Kind is not Git)
            {
                yield return $"{field} is for sources of kind 'git'";
            }
            else if (value is not null && !GitName().IsMatch(value))
            {
                yield return $"{field} must be a name as Git has it, is '{value}'";
            }
        }

        if (Remote is not null && Branch is null)
        {
            yield return "Branch must say what is fetched from Remote";
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex GitName();
}
