using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Sluice.Configuration;

/// <summary>
/// Follows an application's settings for as long as it is read: a lost stream is opened again, after waits that double up to a bound and are by half chance, and goes on
/// after the last event, so that nothing is told twice and nothing is missed.
/// </summary>
/// <param name="open">Opens the stream of events after the one of this id, or from the start; throws <see cref="SettingsUnavailableException"/> or <see cref="IOException"/>.</param>
/// <param name="firstDelay">The first wait before a lost stream is opened again.</param>
/// <param name="longestDelay">The longest.</param>
/// <param name="silenceBound">A stream on which nothing comes for so long is given up.</param>
/// <param name="time">The clock of waits and bounds.</param>
public sealed class SettingsFeed(
    Func<string?, CancellationToken, Task<Stream>> open, TimeSpan firstDelay, TimeSpan longestDelay, TimeSpan silenceBound, TimeProvider time)
{
    /// <summary>Settings as they change and, between them, what went wrong; it ends only by cancellation.</summary>
    /// <param name="lastId">The id of the event that is known already; null: begin with the present settings.</param>
    /// <param name="cancellation">Ends it, with <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<FeedItem> ReadAsync(string? lastId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var delay = TimeSpan.Zero;
        while (true)
        {
            var began = time.GetTimestamp();
            var events = ConnectAsync(lastId, cancellation).GetAsyncEnumerator(cancellation);
            await using (events)
            {
                Exception? lost = null;
                while (lost is null)
                {
                    FeedItem? item = null;
                    try
                    {
                        if (await events.MoveNextAsync())
                        {
                            item = events.Current;
                        }
                        else
                        {
                            lost = new SettingsUnavailableException("Sluice ended the stream.");
                        }
                    }
                    catch (Exception e) when (e is SettingsUnavailableException or IOException or HttpRequestException or TimeoutException)
                    {
                        lost = e;
                    }

                    if (item is not null)
                    {
                        delay = TimeSpan.Zero;
                        lastId = item.Snapshot?.Id ?? lastId;
                        yield return item;
                    }
                }

                yield return new FeedItem(null, lost);
            }

            // A stream that brought something, or lived, was a good one: one that opens and breaks is waited for ever longer.
            if (time.GetElapsedTime(began) > longestDelay)
            {
                delay = TimeSpan.Zero;
            }

            delay = delay == TimeSpan.Zero ? firstDelay : TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, longestDelay.Ticks));
            await Task.Delay(delay * (0.5 + (RandomNumberGenerator.GetInt32(500) / 1000.0)), time, cancellation);
        }
    }

    private async IAsyncEnumerable<FeedItem> ConnectAsync(string? lastId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Stream opened;
        using (var bound = new CancellationTokenSource(silenceBound, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, bound.Token))
        {
            try
            {
                opened = await open(lastId, either.Token);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"Nobody answered in {silenceBound}.", e);
            }
        }

        await using var stream = new BoundedStream(opened, silenceBound, time);
        await foreach (var item in SseParser.Create(stream, static (_, data) => data.ToArray()).EnumerateAsync(cancellation))
        {
            if (item.EventType is "settings")
            {
                yield return new FeedItem(SettingsSnapshot.Parse(item.Data, item.EventId), null);
            }
        }
    }
}

/// <summary>What a feed brought: exactly one of the two.</summary>
/// <param name="Snapshot">The settings.</param>
/// <param name="Lost">Why the stream was lost; it is opened again.</param>
public sealed record FeedItem(SettingsSnapshot? Snapshot, Exception? Lost);
