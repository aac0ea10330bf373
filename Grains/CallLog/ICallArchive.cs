using Sluice.Grains.Usage;

namespace Sluice.Grains.CallLog;

/// <summary>Where files of the call log rest.</summary>
public interface ICallArchive : IRecordArchive
{
    /// <summary>A path on this machine under which a file can be read now; null: it is not there.</summary>
    Task<string?> PathOfAsync(string name, CancellationToken cancellation);
}
