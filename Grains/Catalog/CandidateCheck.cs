using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions;

namespace Sluice.Grains.Catalog;

/// <summary>
/// Checks candidates off the grain's turn: a large one takes its time, and leases are granted meanwhile. Each is compiled from the last one that was right, with which it has
/// most in common. One at a time.
/// </summary>
internal sealed class CandidateCheck(KeyringSource keyrings, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private Compilation? _last;

    /// <summary>The candidate, or why it is refused: whatever goes wrong in the checking is a refusal.</summary>
    public async Task<Candidate> RunAsync(string workspace, Func<Compilation?, Task<Candidate>> check)
    {
        var last = _last;
        try
        {
            var candidate = await Task.Run(async () => await LookAsync(workspace, await check(last))).WaitAsync(Bound, time);
            _last = candidate.Compilation ?? _last;
            return candidate;
        }
        catch (Exception e)
        {
            log.LogError(e, "A candidate could not be checked.");
            return Candidate.Refused(new FieldError("", e is TimeoutException
                ? $"the change takes longer than {Bound.TotalSeconds:0} s to check"
                : $"the change cannot be checked: {e.GetType().Name}; the silo's log has the particulars"));
        }
    }

    private async Task<Candidate> LookAsync(string workspace, Candidate candidate)
    {
        if (candidate.Compilation?.Plan is not { } plan)
        {
            return candidate;
        }

        var ofClients = CertificateCheck.Concerns(plan.Certificates, candidate.Changes);
        var ofUpstreams = UpstreamTlsCheck.Concerned(plan, candidate.Changes);
        if (!ofClients && ofUpstreams.IsEmpty)
        {
            return candidate;
        }

        var open = CertificateCheck.Opening(await keyrings.GetAsync(), workspace, candidate.Resources, log);
        var (errors, warnings) = ofClients ? CertificateCheck.Run(plan.Certificates, candidate.Changes, open, time.GetUtcNow()) : ([], []);
        var towards = UpstreamTlsCheck.Run(ofUpstreams, plan, open, time.GetUtcNow());
        return candidate.Looked(errors.AddRange(towards.Errors), warnings.AddRange(towards.Warnings));
    }
}
