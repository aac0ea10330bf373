using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sluice.Cli.Hosting;

/// <summary>Log lines of the hosts: one line each, to the error stream, so that the output stays the command's own.</summary>
internal static class HostLog
{
    public static Action<ILoggingBuilder> At(LogLevel level) => logging =>
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(level);
        if (level >= LogLevel.Warning)
        {
            // At every start the first advises server GC, which costs memory here, and the second measures its first check from the machine's own start.
            logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
            logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);

            // As long as it may log anything, even of the gravest kind, each request has an activity and a scope made for it.
            logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

            // The edge tells of upstreams that fail itself, in a line a minute; this tells each request's stack.
            logging.AddFilter("Yarp.ReverseProxy.Forwarder.HttpForwarder", LogLevel.None);
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    };
}
