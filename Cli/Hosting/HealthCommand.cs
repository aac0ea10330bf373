using System.CommandLine;
using System.Net;
using System.Text.Json;

namespace Sluice.Cli.Hosting;

/// <summary>
/// <c>sluice health</c>: asks a process on this machine whether it is ready. For health checks of containers, whose image has no other program: it reads the
/// settings that the process itself was started with.
/// </summary>
internal static class HealthCommand
{
    private const int LongestLine = 200;
    private const int MostSeconds = 60;

    public static Command Define()
    {
        var process = new Argument<string>("process") { Description = "What is asked: edge or silo (edge).", DefaultValueFactory = _ => "edge" };
        process.AcceptOnlyFromAmong("edge", "silo");
        var url = new Option<string?>("--url") { Description = "Where to ask instead, such as http://10.0.0.5:9090; its path is /healthz/ready unless it has one.", HelpName = "URL" };
        var timeout = new Option<int>("--timeout") { Description = $"Seconds to wait for the answer, 1 to {MostSeconds} (5).", HelpName = "SECONDS", DefaultValueFactory = _ => 5 };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON." };
        var command = new Command("health", "Ask a process on this machine whether it is ready: exit code 0 or 1.") { process, url, timeout, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var seconds = parsed.GetValue(timeout);
            if (seconds is < 1 or > MostSeconds)
            {
                throw new UsageException(FormattableString.Invariant($"--timeout must be 1 to {MostSeconds} seconds, is {seconds}"));
            }

            var target = parsed.GetValue(url) is { } text ? Parse(text) : Own(parsed.GetRequiredValue(process));
            var answer = await AskAsync(target, TimeSpan.FromSeconds(seconds), cancellation);
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(json))
            {
                await output.WriteLineAsync(JsonSerializer.Serialize(answer, JsonSerializerOptions.Web));
            }
            else
            {
                await (answer.Ready ? output : error).WriteLineAsync($"{(answer.Ready ? "" : "sluice: ")}{answer.Url}: {answer.Says}");
            }

            return answer.Ready ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    /// <summary>Whether a process of Sluice answers there within 2 s, ready or not.</summary>
    public static async Task<bool> IsLiveAsync(Uri address, CancellationToken cancellation) =>
        (await AskAsync(new Uri(address, "/healthz/live"), TimeSpan.FromSeconds(2), cancellation)).Ready;

    private static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? WithPath(url)
            : throw new UsageException($"--url must begin with http:// or https://, is '{text}'");

    // Where the process of these settings listens; a port of 0 tells nobody which one it took.
    private static Uri Own(string process)
    {
        var settings = HostSettings.Read([]);
        var (scheme, listen, port, name) = process is "edge"
            ? ("http", settings.Edge.ListenOps, settings.Edge.Ops, "Edge:Ops")
            : (settings.Silo.AdminCertificate is null ? "http" : "https", settings.Silo.ListenAdmin, settings.Silo.Admin, "Admin");
        if (port is 0 || !IPAddress.TryParse(listen, out var address))
        {
            throw new UsageException($"settings: {name} is {port} at '{listen}', which says not where to ask: give --url");
        }

        var reached = address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
        return WithPath(new UriBuilder(scheme, reached.ToString(), port).Uri);
    }

    private static Uri WithPath(Uri url) => url.AbsolutePath is "/" ? new Uri(url, "/healthz/ready") : url;

    private static async Task<Answer> AskAsync(Uri url, TimeSpan bound, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };

        // Nothing secret is sent and one line comes back; a process' certificate names its cluster's hosts, not the address by which it is asked here.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        using var client = new HttpClient(handler) { Timeout = bound, MaxResponseContentBufferSize = 64 * 1024 };
        try
        {
            using var answer = await client.GetAsync(url, cancellation);
            var says = FirstLine(await answer.Content.ReadAsStringAsync(cancellation));
            return answer.StatusCode is HttpStatusCode.OK
                ? new Answer(url, true, 200, says)
                : new Answer(url, false, (int)answer.StatusCode, FormattableString.Invariant($"not ready ({(int)answer.StatusCode}): {says}"));
        }
        catch (HttpRequestException e)
        {
            return new Answer(url, false, null, $"does not answer: {FirstLine(e.Message)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Answer(url, false, null, FormattableString.Invariant($"does not answer in {bound.TotalSeconds:0} s"));
        }
    }

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        line = line.IndexOfAny('\r', '\n') is var end and >= 0 ? line[..end] : line;
        return new string(line.Length > LongestLine ? line[..LongestLine] : line);
    }

    /// <summary>What is printed.</summary>
    /// <param name="Status">The HTTP status; null: there was no answer.</param>
    private sealed record Answer(Uri Url, bool Ready, int? Status, string Says);
}
