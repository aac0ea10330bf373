using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Kept;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Deferred;

namespace Sluice.Edge.Deferred;

/// <summary>
/// Begins a batch: its file is read and bounded → every budget lends what it may cost → the file is written as the provider reads it → the provider is asked. What may have been begun stays held,
/// whatever is lost on the way. See docs/batches.md.
/// </summary>
internal sealed class BatchCreation(KeptArrivals arrivals, KeptTargets targets, KeptForwarding forwarding, BatchInput input, DeferredWorks works, Meter meter, TimeProvider time) : IDisposable
{
    private const int AtOnce = 2;
    private const int BatchAttempt = 2;
    private static readonly ClientError Busy = new(503, "As many files of batches as are read at one time are being read; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(5));
    private static readonly ClientError Unstored = new(503, "What the batch may cost could not be held at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1));
    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(KeptArrival begun)
    {
        var (arrival, caller, _, ids) = begun;
        using var body = new PooledBytes(1024);
        var error = await RequestBodies.ReadAsync(arrival.Http, body);
        var order = default(BatchOrder);
        if (error is null)
        {
            (order, error) = BatchOrder.Read(body.Span);
        }

        if (error is null && (ids.Open(TenantIds.OfFile, order!.File) is not { } place || targets.Find(arrival.Revision, caller, place) is not { } target))
        {
            error = KeptArrivals.NoFile(order!.File, "input_file_id");
        }
        else if (error is null && _turns.Wait(0, CancellationToken.None))
        {
            try
            {
                error = await ServeAsync(begun, order!, body.Memory, ids.Open(TenantIds.OfFile, order!.File)!);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !arrival.Http.RequestAborted.IsCancellationRequested)
            {
                error = e is OperationCanceledException ? UpstreamErrors.ProviderTooLate : UpstreamErrors.ProviderBroken;
            }
            finally
            {
                _turns.Release();
            }
        }
        else
        {
            error ??= Busy;
        }

        if (error is not null)
        {
            Answers.Restart(arrival);
            await arrivals.RefuseAsync(arrival, error, caller);
        }
    }

    public void Dispose() => _turns.Dispose();

    // Null: the client was answered.
    private async Task<ClientError?> ServeAsync(KeptArrival begun, BatchOrder order, ReadOnlyMemory<byte> body, KeptPlace file)
    {
        var (arrival, caller, tags, ids) = begun;
        var (revision, left) = (arrival.Revision, arrival.Http.RequestAborted);
        var provider = revision.Plan.Providers[file.Provider];
        var scope = new BatchScope(revision, caller, ids, file.Provider, order.Endpoint, model => meter.BindsTokens(revision, caller, model.Resource.Name), time.GetUtcNow());
        var requests = new BatchRequests(scope);
        if (await input.CountAsync(revision, provider, file.Id, requests, left) is { } wrong)
        {
            return wrong;
        }

        var budgets = meter.BudgetsOf(revision, caller, requests.Model!.Resource.Name);
        var bound = requests.Bound;
        var work = DeferredDescription.Of(
            new DeferringCall(arrival, caller, tags, requests.Model, requests.Target!, DeferredKind.Batch, BatchAttempt),
            new DeferredAmounts(bound.Requests, bound.Worst, bound.WorstNano, bound.Largest, bound.LargestNano),
            budgets,
            time);
        if (await works.TryHoldAsync(caller.Identity.Tenant, work) is not { } held)
        {
            return Unstored;
        }

        if (held.Outcome is not HoldOutcome.Held)
        {
            return Refuse(held, work, budgets);
        }

        var call = new KeptCall(arrival, caller, tags, new KeptTarget(requests.Model, requests.Target!));
        string? written = null;
        var isAsked = false;
        try
        {
            written = await input.WriteAsync(revision, provider, file.Id, new BatchRequests(scope), requests.Length, left);
            if (written is null)
            {
                return new ClientError(502, "The provider did not take the batch's file.", "upstream_error");
            }

            isAsked = await works.TryPrepareAsync(caller.Identity.Tenant, work.Id, written);
            if (!isAsked)
            {
                return Unstored;
            }

            isAsked = await AskAsync(call, ids, work, order, order.With(body.Span, written), written);
            return null;
        }
        finally
        {
            if (!isAsked)
            {
                await works.TryDropAsync(caller.Identity.Tenant, work.Id);
                if (written is not null)
                {
                    await input.ForgetAsync(revision, provider, written);
                }
            }
        }
    }

    // False: the provider has said no, or was not asked.
    private async Task<bool> AskAsync(KeptCall call, TenantIds ids, DeferredWork work, BatchOrder order, byte[] body, string written)
    {
        var isRefused = false;
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var isAdmitted = await forwarding.ServeAsync(call, HttpMethod.Post, "/batches", content, async answer =>
        {
            if (!answer.Answer.IsSuccess)
            {
                // What failed in another way may have been begun: whoever looks after works finds out.
                isRefused = answer.Answer.Status < 500;
                return await KeptForwarding.TellJsonAsync(answer, told => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(told.Span).Replace(written, order.File, StringComparison.Ordinal)));
            }

            var http = call.Arrival.Http;
            if (await KeptForwarding.ReadAsync(answer) is not { } json || BatchObject.Read(json) is not { } batch)
            {
                Answers.Restart(call.Arrival);
                await Answers.WriteErrorAsync(http, new ClientError(502, "The provider's answer is no batch object.", "upstream_error"));
                return StatusCodes.Status502BadGateway;
            }

            var (told, listed) = batch.Tell(json, ids, call.Provider, work.Model, null, null, order.File);
            await works.TryStartAsync(call.Caller.Identity.Tenant, work.Id, batch.Id, listed);
            return await KeptForwarding.WriteAsync(http, told);
        });
        return isAdmitted && !isRefused;
    }

    private ClientError Refuse(HoldAnswer held, DeferredWork work, IReadOnlyList<BudgetLevel> budgets) => held is { Answer: { } answer, Level: >= 0 and var level }
        ? RefusalErrors.Tell(Refusals.BudgetSpent(budgets[level].Budget, work.Budgets[level].Subject, work.Budgets[level].Amount, answer, time.GetUtcNow()))
        : new ClientError(429, $"{IDeferredGrain.MostOpen} batches of this tenant have not ended, and no more are taken at one time.", "rate_limit_exceeded", RetryAfter: TimeSpan.FromMinutes(1));
}
