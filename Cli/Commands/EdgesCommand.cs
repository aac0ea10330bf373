using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice edges</c></summary>
internal static class EdgesCommand
{
    public static Command Define() => AdminSession.Define("edges", "List the live edges.", async (session, _, cancellation) =>
    {
        var edges = await session.Client.GetAsync<EdgeList>("edges", cancellation);
        return session.Write(edges, ["EDGE", "ADDRESS", "REVISION", "LEASE", "REQUESTS/S", "IN FLIGHT", "OLD REVISIONS", "VERSION", "FAULT"], edges.Items.Select(e => new[]
        {
            e.Id,
            e.Address,
            e.Revision.ToString(CultureInfo.InvariantCulture),
            e.LeaseLeft,
            e.RequestsPerSecond.ToString("0.0", CultureInfo.InvariantCulture),
            e.InFlight.ToString(CultureInfo.InvariantCulture),
            e.OldestReplaced is { } oldest ? FormattableString.Invariant($"{e.OldRevisions}, oldest {oldest}") : "0",
            e.Version,
            e.Fault ?? "",
        }));
    });
}
