using System.Buffers;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Metering;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 4, forward, for models: sends the request to the target's provider, passes the answer on as it comes, and tells what it used.</summary>
internal sealed class ModelForwarding(ProviderEndpoints endpoints)
{
    private const int ReadSize = 16 * 1024;
    private const int MostWhole = 32 * 1024 * 1024;

    /// <summary>Answers the client in every case; what it returns is to be settled.</summary>
    public async Task<Settlement> ForwardAsync(Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, Reservation reservation)
    {
        var http = arrival.Http;
        var target = call.Matched.Target;
        using var deadline = Deadline.Rent(http.RequestAborted);
        var sent = new Sent(target.Label, call.InputBound, call.OutputBound);
        try
        {
            using var request = CreateRequest(arrival, call, body, out var credential);
            deadline.In(target.Provider.Timeouts.FirstByte);
            using var response = await endpoints.Of(target.Provider).Connections.SendAsync(request, deadline.Token);
            deadline.In(target.Provider.Timeouts.Idle);
            CopyHeaders(response, http.Response);
            Answers.StampModel(http, target.Provider.Name, target.Target.Model, reservation);
            var streams = response.IsSuccessStatusCode && string.Equals(response.Content.Headers.ContentType?.MediaType, "text/event-stream", StringComparison.OrdinalIgnoreCase);
            return streams
                ? await PassStreamAsync(http, response, call.HideUsage, sent, deadline, target.Provider.Timeouts.Idle)
                : await PassWholeAsync(http, response, credential, sent, reservation, deadline, target.Provider.Timeouts.Idle);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return await FailAsync(http, e, deadline, sent);
        }
    }

    private static async Task<Settlement> FailAsync(HttpContext http, Exception failure, Deadline deadline, Sent sent)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            return sent.Unknown(StatusCodes.Status499ClientClosedRequest);
        }

        var error = deadline.Passed
            ? new ClientError(504, "The model's provider did not answer in time.", "upstream_timeout")
            : new ClientError(502, "The model's provider could not be reached, or ended the connection without an answer.", "upstream_error");
        if (http.Response.HasStarted)
        {
            http.Abort();
        }
        else
        {
            await Answers.WriteOpenAIAsync(http, error);
        }

        var neverSent = failure is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };
        return neverSent ? sent.Nothing(error.Status) : sent.Unknown(error.Status);
    }

    private HttpRequestMessage CreateRequest(in Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, out string? credential)
    {
        var provider = call.Matched.Target.Provider;
        var endpoint = endpoints.Of(provider);
        var request = new HttpRequestMessage(HttpMethod.Post, call.Operation == ModelOperation.Chat ? endpoint.Chat : endpoint.Embeddings)
        {
            Content = new BodyContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        foreach (var (name, value) in arrival.Http.Request.Headers)
        {
            if (HeaderRules.PassesToProvider(name) && !name.StartsWith("content-", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
            }
        }

        var credentials = arrival.Revision.Credentials.TryGetValue(provider.Name, out var opened) ? opened.Values : [];
        credential = credentials.IsEmpty ? null : credentials[(int)(Chance.Next() * credentials.Length)];
        if (credential is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        }

        return request;
    }

    private static void CopyHeaders(HttpResponseMessage from, HttpResponse to)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.NonValidated)
        {
            if (HeaderRules.PassesToClient(name))
            {
                to.Headers[name] = values.Count == 1 ? values.ToString() : values.ToArray();
            }
        }

        foreach (var (name, values) in from.Content.Headers.NonValidated)
        {
            if (HeaderRules.PassesToClient(name))
            {
                to.Headers[name] = values.ToString();
            }
        }
    }

    private static async Task<Settlement> PassWholeAsync(
        HttpContext http, HttpResponseMessage response, string? credential, Sent sent, Reservation reservation, Deadline deadline, TimeSpan idle)
    {
        var expected = response.Content.Headers.ContentLength;
        using var answer = new PooledBytes((int)Math.Min(expected ?? ReadSize, MostWhole));
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token);
        while (expected is null || answer.Length < expected)
        {
            var count = await stream.ReadAsync(answer.Room(), deadline.Token);
            if (count == 0)
            {
                break;
            }

            answer.Advance(count);
            deadline.In(idle);
            if (answer.Length > MostWhole)
            {
                await Answers.WriteOpenAIAsync(http, new ClientError(502, $"The provider's answer is larger than {MostWhole} bytes.", "upstream_error"));
                return sent.Unknown(502);
            }
        }

        var settlement = Judge(response.IsSuccessStatusCode, http.Response.StatusCode, answer.Span, sent);
        Answers.StampCost(http, reservation.Settle(settlement));
        var bytes = response.IsSuccessStatusCode || credential is null ? answer.Memory : CredentialMask.Apply(answer.Memory, credential);
        http.Response.ContentLength = bytes.Length;
        http.Response.BodyWriter.Write(bytes.Span);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        return settlement;
    }

    private static Settlement Judge(bool succeeded, int status, ReadOnlySpan<byte> answer, Sent sent)
    {
        if (!succeeded)
        {
            return sent.Nothing(status);
        }

        var facts = AnswerFacts.Read(answer);
        return facts.Usage is { } usage ? sent.Told(usage, UsageSource.Reported, status) : sent.Guessed(facts.TextBytes, status);
    }

    private static async Task<Settlement> PassStreamAsync(
        HttpContext http, HttpResponseMessage response, bool hideUsage, Sent sent, Deadline deadline, TimeSpan idle)
    {
        using var tap = new StreamTap(hideUsage);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        var output = http.Response.BodyWriter;
        var status = http.Response.StatusCode;
        ClientError? broken = null;
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(deadline.Token);
            while (await stream.ReadAsync(buffer, deadline.Token) is var count and > 0)
            {
                tap.Pass(buffer.AsSpan(0, count), output);
                await output.FlushAsync(http.RequestAborted);
                deadline.In(idle);
            }

            tap.End(output);
            await output.FlushAsync(http.RequestAborted);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            status = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            broken = deadline.Passed
                ? new ClientError(504, "The model's provider sent nothing for too long.", "upstream_timeout")
                : new ClientError(502, "The model's provider broke off its answer.", "upstream_error");
            status = broken.Status;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (broken is not null)
        {
            output.Write(OpenAIErrors.WriteEvent(broken.Status, broken.Message, broken.Code));
            await output.FlushAsync(CancellationToken.None);
        }

        var ended = status < 400;
        return tap.Usage is { } usage ? sent.Told(usage, ended ? UsageSource.Reported : UsageSource.Partial, status) : sent.Guessed(tap.TextBytes, status);
    }

    // What was sent, and so the bounds of what it can have used.
    private readonly record struct Sent(string Target, long InputBound, long OutputBound)
    {
        public Settlement Told(TokenUsage usage, UsageSource source, int status) =>
            new(source, usage.Input, usage.Cached, usage.Output, usage.Reasoning, Target, status);

        // A token has at least one byte: what passed bounds what was made.
        public Settlement Guessed(long textBytes, int status) => textBytes > 0
            ? new(UsageSource.Estimated, InputBound, 0, Math.Min(textBytes, OutputBound), 0, Target, status)
            : Unknown(status);

        public Settlement Unknown(int status) => new(UsageSource.Reserved, 0, 0, 0, 0, Target, status);

        public Settlement Nothing(int status) => new(UsageSource.None, 0, 0, 0, 0, Target, status);
    }
}
