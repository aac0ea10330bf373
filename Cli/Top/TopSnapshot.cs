using Sluice.Silo.Admin;

namespace Sluice.Cli.Top;

/// <summary>What goes on at a moment.</summary>
/// <param name="At">When it was asked, UTC.</param>
/// <param name="Revision">The active one.</param>
/// <param name="Behind">Edges that run an older one.</param>
/// <param name="RequestsPerSecond">Of all edges, as they told with their leases.</param>
/// <param name="InFlight">Of all edges.</param>
/// <param name="Traffic">Figures of the last minute in the call log, by model and route, the most called first.</param>
/// <param name="Spend">Figures of today (UTC) in the call log, by tenant, the dearest first.</param>
/// <param name="Edges">The live ones.</param>
internal sealed record TopSnapshot(
    DateTimeOffset At, long Revision, int Behind, double RequestsPerSecond, int InFlight, IReadOnlyList<FiguresView> Traffic, IReadOnlyList<FiguresView> Spend, IReadOnlyList<EdgeItem> Edges);
