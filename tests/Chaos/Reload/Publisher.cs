using System.Globalization;
using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>Gives each <see cref="Generation"/> a number of its own.</summary>
internal sealed class Numbers
{
    private long _last;

    public long Next() => Interlocked.Increment(ref _last);
}

/// <summary>Publishes and rolls back at one silo, and records what returned.</summary>
internal sealed class Publisher(AdminApi admin, History history, Numbers numbers, int port) : IDisposable
{
    private const int RollbacksInHundred = 15;
    private const int InvalidInHundred = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);

    /// <summary>Publishes and rolls back until it is ended.</summary>
    public async Task RunAsync(Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            switch (random.Next(100))
            {
                case < RollbacksInHundred:
                    await RollBackAsync(random);
                    break;
                case < RollbacksInHundred + InvalidInHundred:
                    await RefuseAsync();
                    break;
                default:
                    await ApplyAsync();
                    break;
            }

            await Task.Delay(Pause * (1 + random.Next(3)), TimeProvider.System);
        }
    }

    /// <summary>Publishes a new generation. An answer that was lost is asked for again, once, by the publish's id. Null: there was none.</summary>
    public async Task<Publish?> ApplyAsync(string wait = "edges")
    {
        var number = numbers.Next();
        var started = TimeProvider.System.GetTimestamp();
        var path = string.Create(CultureInfo.InvariantCulture, $"apply?wait={wait}&publishId={Guid.NewGuid():n}");
        var answer = await SendAsync("publishes", path, Generation.Bundle(number, port), "application/yaml");
        if (answer is null)
        {
            history.Count("publishes sent again by their id");
            answer = await SendAsync("publishes", path, Generation.Bundle(number, port), "application/yaml");
        }

        // Sent again it may have been followed by others: what returned is then their revision, and its barrier.
        return answer is { } found ? Record(started, found, number, isRollback: false) : null;
    }

    public void Dispose() => admin.Dispose();

    private async Task RollBackAsync(Random random)
    {
        // What one that was sent again was told is the head, which may be another's: it is not known what that one holds.
        var known = history.Publishes.Where(p => p.IsNew).TakeLast(20).ToArray();
        if (known.Length is 0)
        {
            return;
        }

        var to = known[random.Next(known.Length)];
        var started = TimeProvider.System.GetTimestamp();
        if (await SendAsync("rollbacks", "rollback", JsonSerializer.Serialize(new { to = to.Revision }), "application/json") is { } answer)
        {
            Record(started, answer, to.Generation, isRollback: true);
        }
    }

    // K4: what no silo takes is never served; its number belongs to no revision.
    private async Task RefuseAsync()
    {
        try
        {
            var (status, answer) = await admin.SendAsync(HttpMethod.Post, "apply", Generation.Invalid(numbers.Next(), port), "application/yaml");
            history.Count(status is HttpStatusCode.BadRequest ? "bundles refused as they should be" : string.Create(CultureInfo.InvariantCulture, $"bundles that are not valid, answered {(int)status}"));
            Assert.False(status is HttpStatusCode.OK, $"A bundle that is not valid was taken: {answer}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            history.Count("bundles that are not valid, without an answer");
        }
    }

    private Publish Record(long started, JsonElement answer, long generation, bool isRollback)
    {
        var publish = new Publish(started, TimeProvider.System.GetTimestamp(), answer.GetProperty("revision").GetInt64(), generation, isRollback, answer.GetProperty("changes").GetArrayLength() > 0, answer.GetProperty("barrier").GetString()!);
        history.Add(publish);
        return publish;
    }

    private async Task<JsonElement?> SendAsync(string what, string path, string body, string type)
    {
        try
        {
            var (status, answer) = await admin.SendAsync(HttpMethod.Post, path, body, type);
            if (status is HttpStatusCode.OK)
            {
                return answer;
            }

            Assert.False(status is HttpStatusCode.BadRequest, $"A bundle of the test is not valid: {answer}");
            history.Count(string.Create(CultureInfo.InvariantCulture, $"{what} answered {(int)status}{Kind(answer)}"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            history.Count($"{what} without an answer");
        }

        return null;
    }

    private static string Kind(JsonElement answer) =>
        answer.ValueKind is JsonValueKind.Object && answer.TryGetProperty("type", out var type) ? $" {type.GetString()!.Split(':')[^1]}" : "";
}
