using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.Edge.Tls;

/// <summary>What an edge needs besides to speak HTTP/3: QUIC under the server, and the word of it to clients that came another way.</summary>
internal static class QuicListening
{
    /// <summary>Has the server listen for QUIC on the ports that ask for it.</summary>
    /// <exception cref="NotSupportedException">There is no QUIC here: the server would go without and say nothing.</exception>
    public static void UseOn(WebApplicationBuilder builder)
    {
        if (QuicRuntime.Missing is { } missing)
        {
            throw new NotSupportedException($"Edge:Http3 is true, but {missing}: {QuicRuntime.Remedy}");
        }

        // A hundred streams a connection are its own measure, as HTTP/2's here.
        builder.WebHost.UseKestrelHttpsConfiguration().UseQuic();
        builder.Services.AddSingleton<Http3Offer>();
    }
}
