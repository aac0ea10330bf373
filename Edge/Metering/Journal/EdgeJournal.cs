using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;

namespace Sluice.Edge.Metering.Journal;

/// <summary>The journal of this start of an edge, where it has one: an edge without it serves all the same, and what it held when it is lost stays in doubt.</summary>
public sealed class EdgeJournal : IDisposable
{
    /// <param name="start">The edge.</param>
    /// <param name="journals">For what the journal says.</param>
    /// <param name="log">For why there is none.</param>
    /// <param name="place">Where it is kept; null: nowhere.</param>
    public EdgeJournal(EdgeStart start, ILogger<AttemptJournal> journals, ILogger<EdgeJournal> log, JournalPlace? place = null)
    {
        if (place is null)
        {
            return;
        }

        try
        {
            Folder = JournalFolder.Hold(place);
            Journal = new AttemptJournal(Folder, start.Id, journals);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogError("The journal in {Folder} cannot be used: {Reason}. Should this edge be lost, what it held is in doubt.", place.Folder, e.Message);
        }
    }

    /// <summary>Null: there is none.</summary>
    public AttemptJournal? Journal { get; }

    internal JournalFolder? Folder { get; }

    public void Dispose() => Journal?.Dispose();
}
