using Sluice.Edge.Tls;
using Sluice.Tests.EndToEnd.Tls;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http3;

/// <summary>A <see cref="TlsGateway"/> for tests that are about HTTP/3 alone: not started where this machine has no QUIC, so that they cost nothing there.</summary>
public sealed class Http3Gateway : IAsyncLifetime
{
    /// <summary>The collection of the classes that share it.</summary>
    public const string Name = "HTTP/3";

    private TlsGateway? _tls;

    public Gateway Gateway => Tls.Gateway;

    /// <summary>It runs; where it cannot, the test is skipped and says why.</summary>
    public TlsGateway Tls
    {
        get
        {
            Assert.SkipWhen(_tls is null, QuicRuntime.Missing ?? "");
            return _tls!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (QuicRuntime.Missing is null)
        {
            _tls = new TlsGateway();
            await _tls.InitializeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }
    }
}

/// <summary>Classes that share one <see cref="Http3Gateway"/>.</summary>
[CollectionDefinition(Http3Gateway.Name)]
public sealed class Http3Collection : ICollectionFixture<Http3Gateway>;
