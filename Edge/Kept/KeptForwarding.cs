using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Calls;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Kept;

/// <summary>A request about something that a provider keeps.</summary>
/// <param name="Arrival">The request.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Tags">As the client gave them.</param>
/// <param name="Kept">Who keeps it.</param>
internal sealed record KeptCall(Arrival Arrival, Caller Caller, ImmutableArray<string> Tags, KeptTarget Kept)
{
    /// <summary>The provider's name.</summary>
    public string Provider => Kept.Target.Provider.Name;
}

/// <summary>
/// The steps admit → forward → settle for requests about what a provider keeps: each counts as a request of its model, with no tokens. One attempt, at the one provider that has it.
/// </summary>
internal sealed class KeptForwarding(ProviderEndpoints endpoints, Meter meter, Deadlines deadlines, RecentCalls calls)
{
    private const int MostOfJson = 4 * 1024 * 1024;

    /// <summary>Asks the provider and answers the client in every case. False: a limit or budget did not let it, and nothing was sent.</summary>
    /// <param name="call">The request.</param>
    /// <param name="method">Of what the provider is asked.</param>
    /// <param name="path">Behind its address.</param>
    /// <param name="content">What it is sent; null: nothing.</param>
    /// <param name="pass">Passes its answer on; returns the status that the client is told.</param>
    public async Task<bool> ServeAsync(KeptCall call, HttpMethod method, string path, HttpContent? content, Func<KeptAnswer, Task<int>> pass)
    {
        var (http, model, label) = (call.Arrival.Http, call.Kept.Model.Resource.Name, call.Kept.Target.Label);
        var ask = new Ask(model, 0, 0, null) { Attempt = new Attempt(call.Arrival.RequestId, 1, call.Arrival.At, label, call.Tags, IsRecorded: true) };
        var (reservation, refusal) = await meter.AdmitAsync(call.Arrival.Revision, call.Caller, ask, http.RequestAborted);
        if (reservation is null)
        {
            await Answers.WriteErrorAsync(http, RefusalErrors.Tell(refusal!));
            calls.Note(call.Arrival, EndedCall.Refused(http.Response.StatusCode, call.Caller, model, model));
            return false;
        }

        var status = StatusCodes.Status500InternalServerError;
        try
        {
            Answers.StampLimits(http, reservation.Headers);
            status = await ForwardAsync(call, method, path, content, pass);
        }
        finally
        {
            var settlement = new Settlement(UsageSource.None, default, label, status);
            reservation.Settle(settlement);
            reservation.Dispose();
            calls.Note(call.Arrival, new EndedCall(call.Caller, model, label, Draw: null, model, IsShaped: false, Stream: false, settlement) { Tags = call.Tags });
        }

        return true;
    }

    /// <summary>Reads an answer of JSON whole; null: it is too large.</summary>
    /// <exception cref="IOException">The provider broke off.</exception>
    public static Task<byte[]?> ReadAsync(KeptAnswer answer) => KeptProvider.ReadAsync(answer.Answer, MostOfJson, () => answer.Deadline.In(answer.Idle));

    /// <summary>Passes an answer of JSON on.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="edit">Puts the client's own ids into it.</param>
    public static async Task<int> TellJsonAsync(KeptAnswer answer, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> edit)
    {
        var http = answer.Arrival.Http;
        if (await ReadAsync(answer) is not { } body)
        {
            return await TellAsync(http, new ClientError(502, $"The provider's answer is larger than {MostOfJson} bytes.", "upstream_error"), answer.Arrival);
        }

        return await WriteAsync(http, edit(answer.Answer.IsSuccess || answer.Credential is null ? body : CredentialMask.Apply(body, answer.Credential)));
    }

    /// <summary>Writes a body whose head was put; returns its status.</summary>
    public static async Task<int> WriteAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
        return http.Response.StatusCode;
    }

    private async Task<int> ForwardAsync(KeptCall call, HttpMethod method, string path, HttpContent? content, Func<KeptAnswer, Task<int>> pass)
    {
        var (http, provider) = (call.Arrival.Http, call.Kept.Target.Provider);
        var opened = call.Arrival.Revision.Credentials.TryGetValue(provider.Name, out var credentials) ? credentials.Values : [];
        if (opened.IsEmpty && !provider.Credentials.IsEmpty)
        {
            return await TellAsync(http, UpstreamErrors.NoCredential(provider.Name));
        }

        // Always the first: what one account keeps another one has not.
        var credential = opened.IsEmpty ? null : credentials!.Use(0);
        using var deadline = deadlines.Rent(http.RequestAborted);
        deadline.NotAfter(deadlines.After(call.Kept.Model.Resource.Timeouts.Whole));
        deadline.In(content is null ? provider.Timeouts.FirstByte : call.Kept.Model.Resource.Timeouts.Whole);
        try
        {
            var endpoint = endpoints.Of(provider);
            using var request = new HttpRequestMessage(method, new Uri(endpoint.Start + path)) { Content = content };
            PutHeaders(http.Request, request, credential is null ? null : ProviderRequests.CredentialHeader(provider, credential));
            using var answer = new HandlerAnswer(request, await endpoint.Connections.SendAsync(request, deadline.Token), deadline);
            deadline.In(provider.Timeouts.Idle);
            http.Response.StatusCode = answer.Status;
            answer.CopyHeadersTo(http.Response);
            http.Response.Headers["sluice-provider"] = provider.Name;
            return answer.IsSuccess || answer.Status >= 400 ? await pass(new KeptAnswer(call.Arrival, answer, credential, deadline, provider.Timeouts.Idle))
                : await TellAsync(http, new ClientError(502, $"The provider answered with status {answer.Status}, which is no answer: its address may be wrong.", "upstream_error"), call.Arrival);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && e is not BadHttpRequestException)
        {
            return await FailAsync(call.Arrival, e, deadline);
        }
    }

    private static void PutHeaders(HttpRequest from, HttpRequestMessage to, (string Name, string Value)? credential)
    {
        var nominated = NominatedHeaders.Of(from.Headers.Connection);
        foreach (var (name, values) in from.Headers)
        {
            if (HeaderRules.PassesToProvider(name) && nominated?.Contains(name) is not true)
            {
                to.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        if (credential is var (header, value))
        {
            to.Headers.TryAddWithoutValidation(header, value);
        }
    }

    private static async Task<int> FailAsync(Arrival arrival, Exception failure, Deadline deadline)
    {
        var http = arrival.Http;
        if (http.RequestAborted.IsCancellationRequested)
        {
            return StatusCodes.Status499ClientClosedRequest;
        }

        if (failure.InnerException is BadHttpRequestException unreadable)
        {
            // Of the client's own body.
            throw unreadable;
        }

        var error = deadline.IsEnd ? UpstreamErrors.Ending : deadline.Passed || failure is OperationCanceledException ? UpstreamErrors.ProviderTooLate : UpstreamErrors.ProviderBroken;
        if (!http.Response.HasStarted)
        {
            return await TellAsync(http, error, arrival);
        }

        BrokenAnswer.Abort(http);
        return error.Status;
    }

    private static async Task<int> TellAsync(HttpContext http, ClientError error, Arrival? arrival = null)
    {
        if (arrival is { } begun)
        {
            Answers.Restart(begun);
        }

        await Answers.WriteErrorAsync(http, error);
        return error.Status;
    }
}

/// <summary>A provider's answer about what it keeps; its head is put.</summary>
/// <param name="Arrival">The request.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Credential">Which it may repeat in an error; null: none.</param>
/// <param name="Deadline">Of each read.</param>
/// <param name="Idle">How long a read may take.</param>
internal sealed record KeptAnswer(Arrival Arrival, UpstreamAnswer Answer, string? Credential, Deadline Deadline, TimeSpan Idle);
