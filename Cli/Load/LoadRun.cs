using System.Net.Http.Headers;
using System.Text;

namespace Sluice.Cli.Load;

/// <summary>What a load asks for.</summary>
/// <param name="Edge">Whom it asks.</param>
/// <param name="Path">Where.</param>
/// <param name="Body">What is posted; null: it is got.</param>
/// <param name="Key">A client's key; null: none.</param>
internal sealed record LoadPlan(Uri Edge, string Path, string? Body, string? Key, int Clients, TimeSpan Time);

/// <summary>A small load against an edge: each client sends its next request when the one before was answered.</summary>
internal static class LoadRun
{
    private const string Tag = "sluice-bench=run";
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(60);

    /// <summary>Runs it.</summary>
    /// <param name="plan">What is asked.</param>
    /// <param name="time">Measures.</param>
    /// <param name="tell">Told now and then the share of the time that is over.</param>
    /// <param name="cancellation">Ends it early: what was measured until then counts.</param>
    public static async Task<LoadResult> RunAsync(LoadPlan plan, TimeProvider time, Action<double> tell, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = plan.Clients, ConnectTimeout = TimeSpan.FromSeconds(5) };
        using var http = new HttpClient(handler) { BaseAddress = plan.Edge, Timeout = AnswerBound };
        http.DefaultRequestHeaders.Authorization = plan.Key is null ? null : new AuthenticationHeaderValue("Bearer", plan.Key);
        http.DefaultRequestHeaders.Add("sluice-tags", Tag);
        var begun = time.GetTimestamp();
        var clients = await Task.WhenAll(Enumerable.Range(0, plan.Clients).Select(_ => ClientAsync()));
        return LoadResult.Of([.. clients.SelectMany(samples => samples)], time.GetElapsedTime(begun));

        async Task<List<LoadSample>> ClientAsync()
        {
            var samples = new List<LoadSample>();
            while (time.GetElapsedTime(begun) is var passed && passed < plan.Time && !cancellation.IsCancellationRequested)
            {
                tell(passed / plan.Time);
                samples.Add(await AskAsync(http, plan, time, cancellation));
                if (samples[^1].Status == 0)
                {
                    // Nobody answers: not asked as fast as the machine can fail.
                    await Task.Delay(TimeSpan.FromMilliseconds(100), time, CancellationToken.None);
                }
            }

            return samples;
        }
    }

    private static async Task<LoadSample> AskAsync(HttpClient http, LoadPlan plan, TimeProvider time, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(plan.Body is null ? HttpMethod.Get : HttpMethod.Post, plan.Path);
            request.Content = plan.Body is null ? null : new StringContent(plan.Body, Encoding.UTF8, "application/json");
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            var buffer = new byte[16 * 1024];
            var read = await body.ReadAsync(buffer, cancellation);
            var first = time.GetElapsedTime(begun);
            while (read > 0)
            {
                read = await body.ReadAsync(buffer, cancellation);
            }

            return new LoadSample((int)answer.StatusCode, first, time.GetElapsedTime(begun));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return new LoadSample(0, default, time.GetElapsedTime(begun));
        }
    }
}
