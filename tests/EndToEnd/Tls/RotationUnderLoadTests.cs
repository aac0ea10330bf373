using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Tls;

/// <summary>Certificates that are renewed again and again while clients connect and streams run.</summary>
public sealed class RotationUnderLoadTests(TlsGateway tls) : IClassFixture<TlsGateway>
{
    private const int Rotations = 100;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task No_handshake_fails_no_stream_is_cut_and_who_connects_after_the_publish_is_shown_the_new_one()
    {
        var issued = Enumerable.Range(0, Rotations + 1).Select(_ => tls.Authority.Issue(["rotated.test"])).ToArray();
        var numbers = issued.Select((certificate, i) => (certificate.Thumbprint, i)).ToDictionary(c => c.Thumbprint, c => c.i, StringComparer.Ordinal);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync((http, _) => TickAsync(http, finish.Task));
        await tls.Gateway.Admin.ApplyAsync($"{issued[0].Bundle("rotated")}\n---\n{upstream.Bundle}");
        var streams = new[] { HttpVersion.Version11, HttpVersion.Version11, HttpVersion.Version20, HttpVersion.Version20 }.Select(ReadAsync).ToArray();
        await Eventually.TrueAsync(() => Task.FromResult(upstream.Requests.Count == streams.Length), "the streams run");

        using var end = new CancellationTokenSource();
        var (published, wrong, handshakes) = (0, new ConcurrentBag<string>(), 0);
        var clients = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                var least = Volatile.Read(ref published);
                try
                {
                    var shown = numbers[await tls.ShownAsync("rotated.test")];
                    Interlocked.Increment(ref handshakes);
                    if (shown < least)
                    {
                        wrong.Add(FormattableString.Invariant($"certificate {shown} was shown after {least} had been published"));
                    }
                }
                catch (Exception e)
                {
                    wrong.Add(e.ToString());
                }
            }
        })).ToArray();
        var begun = TimeProvider.System.GetTimestamp();
        for (var i = 1; i <= Rotations; i++)
        {
            await tls.Gateway.Admin.ApplyAsync(issued[i].Bundle("rotated"));
            Volatile.Write(ref published, i);
        }

        await end.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(Bound, TimeProvider.System);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{Rotations} rotations and {handshakes} handshakes in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s"));
        Assert.Empty(wrong);
        Assert.True(handshakes > Rotations, FormattableString.Invariant($"only {handshakes} handshakes were made"));
        Assert.DoesNotContain(streams, stream => stream.IsCompleted);
        finish.SetResult();
        Assert.All(await Task.WhenAll(streams).WaitAsync(Bound, TimeProvider.System), text => Assert.EndsWith("tick\nend\n", text, StringComparison.Ordinal));
    }

    private static async Task TickAsync(HttpContext http, Task finish)
    {
        while (!finish.IsCompleted)
        {
            await http.Response.WriteAsync("tick\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.WhenAny(finish, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, http.RequestAborted));
        }

        await http.Response.WriteAsync("tick\nend\n", http.RequestAborted);
    }

    private async Task<string> ReadAsync(Version version)
    {
        using var client = tls.Client("rotated.test", version);
        client.Timeout = Bound;
        return await client.GetStringAsync("there");
    }
}
