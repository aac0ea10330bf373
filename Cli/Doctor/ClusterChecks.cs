using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Doctor;

/// <summary>What the admin API tells of the cluster: how many silos, their clocks and versions, edges that are behind, whether the call log can be searched.</summary>
internal static class ClusterChecks
{
    // A sign of life each 5 s, and time to write it.
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(2);

    /// <summary>Asks the cluster.</summary>
    public static async Task<IReadOnlyList<Finding>> AskAsync(AdminClient client, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            var before = time.GetUtcNow();
            var silos = await client.GetAsync<SiloList>("silos", cancellation);
            var here = before + ((time.GetUtcNow() - before) / 2);
            var edges = await client.GetAsync<EdgeList>("edges", cancellation);
            var history = await client.GetAsync<RevisionList>("revisions?limit=1", cancellation);
            var certificates = await client.GetAsync<CertificateList>("certificate-status", cancellation);
            var calls = await CallLogAsync(client, cancellation);
            return [Count(silos), .. Silos(silos), Clocks.Judge("the silo that answers", silos.Now - here, "this machine"), Versions(silos, edges), .. Edges(edges, history.Active), .. CertificateChecks.Judge(certificates), calls];
        }
        catch (AdminRefusedException e)
        {
            return [Finding.Error("cluster", e.Message, "start a silo, or name another with --admin-url and a valid key; 'sluice health silo' says how one on this machine is")];
        }
    }

    private static async Task<Finding> CallLogAsync(AdminClient client, CancellationToken cancellation)
    {
        try
        {
            await client.GetAsync<CallList>("calls?limit=1", cancellation);
            return Finding.Ok("call-log", "it can be searched");
        }
        catch (AdminRefusedException refused)
        {
            return Finding.Warn("call-log", refused.Message, "requests are served all the same: see docs/calls.md for what a search needs, and whether a file is missing");
        }
    }

    /// <summary>How many silos there are.</summary>
    public static Finding Count(SiloList silos) => silos.Items.Count switch
    {
        0 => Finding.Error("silos", "no silo is in the cluster's table", "look at the silos' logs"),
        1 => Finding.Ok("silos", "1 silo: while it is away edges serve on and nothing can be changed"),
        2 => Finding.Warn("silos", "2 silos: one vote evicts the other, so a cut between them can end either", "run one silo, or three and more"),
        var count => Finding.Ok("silos", FormattableString.Invariant($"{count} silos")),
    };

    /// <summary>Silos that are silent, on their way, or whose clock is ahead.</summary>
    public static IEnumerable<Finding> Silos(SiloList silos)
    {
        foreach (var silo in silos.Items)
        {
            var silent = silos.Now - silo.LastSeen;
            if (silent < -Tolerated)
            {
                yield return Clocks.Judge($"silo {silo.Address}", -silent, "the silo that answers");
            }
            else if (silent > Alive)
            {
                yield return Finding.Warn(
                    "silos",
                    FormattableString.Invariant($"silo {silo.Address} gave its last sign of life {silent.TotalSeconds:0} s ago"),
                    "it is gone, cannot write to the membership table, or its clock is behind: look at its log and its clock");
            }

            if (silo.Status is not "active")
            {
                yield return Finding.Warn("silos", $"silo {silo.Address} is {silo.Status}, not active", "wait, and look at its log where it stays so");
            }
        }
    }

    /// <summary>Whether all run one version.</summary>
    public static Finding Versions(SiloList silos, EdgeList edges)
    {
        var versions = silos.Items.Select(s => (Version: s.Version ?? "unknown", Name: $"silo {s.Address}"))
            .Concat(edges.Items.Select(e => (e.Version, Name: $"edge {e.Id}")))
            .GroupBy(p => p.Version, p => p.Name, StringComparer.Ordinal)
            .ToArray();
        return versions.Length is 1
            ? Finding.Ok("versions", $"all run {versions[0].Key}")
            : Finding.Warn("versions", string.Join("; ", versions.Select(v => $"{v.Key}: {string.Join(", ", v)}")), "end the upgrade, as docs/upgrades.md says: two versions side by side are for its time only");
    }

    /// <summary>Edges that cannot run the head, or do not yet.</summary>
    public static IEnumerable<Finding> Edges(EdgeList edges, long head)
    {
        if (edges.Items.Count is 0)
        {
            yield return Finding.Warn("edges", "no edge is there: clients are not served", "start one with 'sluice edge'");
            yield break;
        }

        var wrong = 0;
        foreach (var edge in edges.Items)
        {
            if (edge.Fault is { } fault)
            {
                wrong++;
                yield return Finding.Error("edges", $"edge {edge.Id} cannot run revision {Text(head)}: {fault}", "mend what it names, or 'sluice rollback'");
            }
            else if (edge.Revision < head)
            {
                wrong++;
                yield return Finding.Warn("edges", $"edge {edge.Id} runs revision {Text(edge.Revision)}, and {Text(head)} is active", "look again; where it stays behind, look at the edge's log and its way to the silos");
            }
        }

        if (wrong is 0)
        {
            yield return Finding.Ok("edges", FormattableString.Invariant($"{edges.Items.Count} edge{(edges.Items.Count is 1 ? "" : "s")}, on revision {head}"));
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
