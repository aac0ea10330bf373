using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.Silo.Clustering.Tls;

/// <summary>Warns when the certificate in use nears its end, each hour from 14 days ahead.</summary>
internal sealed class CertificateWatch : BackgroundService
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(14);
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    private readonly CertificateFiles _files;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateWatch> _log;

    public CertificateWatch(CertificateFiles files, ILogger<CertificateWatch> log, TimeProvider? time = null)
    {
        (_files, _log, _time) = (files, log, time ?? TimeProvider.System);
        files.LogTo(log);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        try
        {
            do
            {
                var end = _files.Current.Certificate.NotAfter.ToUniversalTime();
                if (end - _time.GetUtcNow().UtcDateTime < Ahead)
                {
                    _log.LogWarning("The cluster certificate ends at {End:u}: issue a new one with 'sluice pki issue' and put it in the old one's place", end);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends.
        }
    }
}
