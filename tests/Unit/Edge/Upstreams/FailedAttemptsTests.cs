using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Upstreams;

public sealed class FailedAttemptsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly KeptLog<FailedAttempts> _log = new();

    [Fact]
    public void Each_upstream_that_fails_is_told_of_once_a_minute()
    {
        var failures = new FailedAttempts(_time, _log);

        failures.Tell("a", "http://10.0.0.1", failure: null);
        failures.Tell("a", "http://10.0.0.2", failure: null);
        failures.Tell("b", "http://10.0.0.3", failure: null);
        _time.Advance(TimeSpan.FromSeconds(59));
        failures.Tell("a", "http://10.0.0.4", failure: null);
        _time.Advance(TimeSpan.FromSeconds(1));
        failures.Tell("a", "http://10.0.0.5", failure: null);

        Assert.Equal(["10.0.0.1", "10.0.0.3", "10.0.0.5"], _log.Lines.Select(line => line.Split("http://")[1].Split(':')[0]));
    }

    [Fact]
    public void The_innermost_reason_is_told_in_one_line_without_a_stack()
    {
        var failures = new FailedAttempts(_time, _log);
        var refused = new HttpRequestException("An error occurred.", new IOException("It failed.", new SocketException((int)SocketError.ConnectionRefused)));

        failures.Tell("a", "http://10.0.0.1", refused);
        failures.Tell("b", "http://10.0.0.2", new TaskCanceledException());

        Assert.Equal(
            ["Upstream a fails at http://10.0.0.1: Connection refused. What else of it fails is not told for a minute. ", "Upstream b fails at http://10.0.0.2: it did not answer in time. What else of it fails is not told for a minute. "],
            _log.Lines);
    }
}
