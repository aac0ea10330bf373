using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary>Asks for the newest calls again and again, and shows each once. Edges bring what they answered a second or two later, and not in one order: so the last half minute is asked for each time.</summary>
internal sealed class CallFollower(AdminSession session, (string Name, string? Value)[] choice)
{
    private const int PageSize = 1_000;
    private const int MostPages = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Back = TimeSpan.FromSeconds(30);

    // Shown, with when they ended: what is older than what is asked for is let go.
    private readonly Dictionary<string, DateTimeOffset> _shown = new(StringComparer.Ordinal);

    /// <summary>Shows them until it is cancelled, which is its good end.</summary>
    public async Task<int> RunAsync(Action<AdminSession, CallView> show, CancellationToken cancellation)
    {
        try
        {
            await FollowAsync(show, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Nobody looks any more.
        }

        return ExitCode.Done;
    }

    private async Task FollowAsync(Action<AdminSession, CallView> show, CancellationToken cancellation)
    {
        var begin = TimeProvider.System.GetUtcNow();
        while (true)
        {
            var from = TimeProvider.System.GetUtcNow() - Back;
            foreach (var call in (await NewAsync(from > begin ? from : begin, cancellation)).OrderBy(call => call.Ended))
            {
                _shown.Add(call.Request, call.Ended);
                show(session, call);
            }

            await session.Output.FlushAsync(cancellation);
            foreach (var (request, _) in _shown.Where(one => one.Value < from).ToList())
            {
                _shown.Remove(request);
            }

            await Task.Delay(Every, TimeProvider.System, cancellation);
        }
    }

    private async Task<List<CallView>> NewAsync(DateTimeOffset from, CancellationToken cancellation)
    {
        var calls = new List<CallView>();
        string? next = null;
        for (var page = 0; page < MostPages && (page == 0 || next is not null); page++)
        {
            var answer = await session.Client.GetAsync<CallList>(
                ApiPath.Query("calls", [.. choice, ("from", from.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)), ("limit", PageSize.ToString(CultureInfo.InvariantCulture)), ("cursor", next)]),
                cancellation);
            calls.AddRange(answer.Items.Where(call => !_shown.ContainsKey(call.Request)));
            next = answer.Next;
        }

        return calls;
    }
}
