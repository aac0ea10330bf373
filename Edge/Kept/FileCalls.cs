using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Idempotency;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Kept;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Kept;

/// <summary>
/// OpenAI's files: identify → find who keeps it → admit → forward → settle. A provider's account is shared by all tenants, so a client is told ids of its tenant's own, and by those alone
/// reaches a file. See docs/files.md.
/// </summary>
internal sealed class FileCalls(KeptArrivals arrivals, KeptTargets targets, KeptForwarding forwarding, KeptList list)
{
    /// <summary>The most bytes of a request with a file: OpenAI takes files to 512 MB.</summary>
    public const long Most = 513L * 1024 * 1024;

    private const int LongestName = 512;

    /// <summary>Serves one request to its end.</summary>
    public async Task ServeAsync(Arrival arrival, Surface surface)
    {
        if (await arrivals.BeginAsync(arrival) is not { } begun)
        {
            return;
        }

        var isWritten = HttpMethods.IsPost(arrival.Http.Request.Method);
        await (isWritten ? UploadAsync(begun)
            : surface is Surface.Files ? list.WriteFilesAsync(arrival.Http, begun.Caller.Identity.Tenant)
            : ServeOneAsync(begun, surface));
    }

    private static string ModelOf(HttpRequest request) =>
        request.Headers[KeptTargets.Header] is [{ Length: > 0 } header, ..] ? header : request.Query["model"].ToString();

    private async Task UploadAsync(KeptArrival begun)
    {
        var (arrival, caller, tags, ids) = begun;
        var http = arrival.Http;
        var (target, error) = targets.Choose(arrival.Revision, caller, ModelOf(http.Request));
        error ??= RequestBodies.CheckForm(http.Request) ?? (http.Request.ContentLength > Most ? new ClientError(413, $"The request body is larger than {Most} bytes.", "request_too_large") : null);
        if (error is not null)
        {
            await arrivals.RefuseAsync(arrival, error, caller);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = Most;
        }

        // Never whole in memory: it goes on as it comes.
        using var content = new StreamContent(http.Request.Body);
        content.Headers.TryAddWithoutValidation("Content-Type", http.Request.ContentType);
        content.Headers.ContentLength = http.Request.ContentLength;
        var call = new KeptCall(arrival, caller, tags, target!);
        await forwarding.ServeAsync(call, HttpMethod.Post, "/files", content, answer => TellUploadAsync(call, ids, answer));
    }

    private async Task<int> TellUploadAsync(KeptCall call, TenantIds ids, KeptAnswer answer)
    {
        var http = call.Arrival.Http;
        if (IdempotentCalls.KeyOf(http).Count > 0)
        {
            Warn(http, "Idempotency-Key: a file that is sent again is kept again");
        }

        if (!answer.Answer.IsSuccess)
        {
            return await KeptForwarding.TellJsonAsync(answer, static body => body);
        }

        if (await KeptForwarding.ReadAsync(answer) is not { } body || KeptFile.Read(body) is not { } file)
        {
            Answers.Restart(call.Arrival);
            await Answers.WriteErrorAsync(http, new ClientError(502, "The provider's answer is no file object.", "upstream_error"));
            return StatusCodes.Status502BadGateway;
        }

        var place = new KeptPlace(call.Provider, call.Kept.Model.Resource.Name, file.Id);
        var id = ids.Seal(TenantIds.OfFile, place);
        var kept = new KeptObject(id, place.Provider, place.Id, file.Bytes, file.CreatedAt, file.ExpiresAt, file.Name.Length > LongestName ? file.Name[..LongestName] : file.Name, file.Purpose);
        if (!await list.TryAddAsync(call.Caller.Identity.Tenant, kept))
        {
            Warn(http, "id: the file is kept, and is not in the list");
        }

        return await KeptForwarding.WriteAsync(http, Rename(body, file.Id, id));
    }

    private async Task ServeOneAsync(KeptArrival begun, Surface surface)
    {
        var (arrival, caller, tags, ids) = begun;
        var id = Surfaces.FileOf(arrival.Http.Request.Path.Value!);
        if (ids.Open(TenantIds.OfFile, id) is not { } place || targets.Find(arrival.Revision, caller, place) is not { } target)
        {
            await arrivals.RefuseAsync(arrival, KeptArrivals.NoFile(id, "id"), caller);
            return;
        }

        var call = new KeptCall(arrival, caller, tags, target);
        var isContent = surface is Surface.FileContent;
        var method = new HttpMethod(arrival.Http.Request.Method);
        await forwarding.ServeAsync(call, method, $"/files/{Uri.EscapeDataString(place.Id)}{(isContent ? Surfaces.ContentEnd : "")}", null, async answer =>
        {
            var isGone = answer.Answer.Status == StatusCodes.Status404NotFound;
            if (isGone || (method == HttpMethod.Delete && answer.Answer.IsSuccess))
            {
                await list.TryRemoveAsync(caller.Identity.Tenant, place);
            }

            if (isGone)
            {
                Answers.Restart(arrival);
                await Answers.WriteErrorAsync(arrival.Http, KeptArrivals.NoFile(id, "id"));
                return StatusCodes.Status404NotFound;
            }

            if (!isContent || !answer.Answer.IsSuccess)
            {
                return await KeptForwarding.TellJsonAsync(answer, body => Rename(body, place.Id, id));
            }

            await PassedBytes.PassAsync(arrival.Http, answer.Answer, answer.Deadline, answer.Idle);
            return answer.Answer.Status;
        });
    }

    private static ReadOnlyMemory<byte> Rename(ReadOnlyMemory<byte> body, string from, string to) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body.Span).Replace(from, to, StringComparison.Ordinal));

    private static void Warn(HttpContext http, string what)
    {
        var before = http.Response.Headers[Translations.Header].ToString();
        http.Response.Headers[Translations.Header] = before.Length == 0 ? what : $"{before}; {what}";
    }
}
