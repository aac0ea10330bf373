namespace Sluice.Cli.Output;

/// <summary>How two texts differ, line by line, by their longest common subsequence. Pure.</summary>
internal static class LineDiff
{
    // Above this many cells of the table (a resource of more than about 2,000 lines) the texts are shown as a whole.
    private const long MostCells = 4_000_000;

    /// <summary>Lines with <c>' '</c> for both, <c>'-'</c> for before, <c>'+'</c> for after.</summary>
    public static List<(char Sign, string Line)> Compare(string[] before, string[] after)
    {
        if ((long)before.Length * after.Length > MostCells)
        {
            return [.. before.Select(line => ('-', line)), .. after.Select(line => ('+', line))];
        }

        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
            {
                common[i, j] = string.Equals(before[i], after[j], StringComparison.Ordinal)
                    ? common[i + 1, j + 1] + 1
                    : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<(char, string)>();
        var (b, a) = (0, 0);
        while (b < before.Length || a < after.Length)
        {
            if (b < before.Length && a < after.Length && string.Equals(before[b], after[a], StringComparison.Ordinal))
            {
                lines.Add((' ', before[b++]));
                a++;
            }
            else if (a == after.Length || (b < before.Length && common[b + 1, a] >= common[b, a + 1]))
            {
                lines.Add(('-', before[b++]));
            }
            else
            {
                lines.Add(('+', after[a++]));
            }
        }

        return lines;
    }
}
