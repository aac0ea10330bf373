using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c>: and Gemini's <c>/v1beta/models</c>: the models and prompts that the key may use, in the form of who asks.</summary>
internal sealed class ModelList(Identification identification)
{
    /// <summary>Answers the list, or the one model where <paramref name="id"/> is not null.</summary>
    public async Task ServeAsync(Arrival arrival, string? id)
    {
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(arrival);
        if (caller is null)
        {
            await Answers.WriteErrorAsync(http, error!);
            return;
        }

        var plan = arrival.For(caller).Revision.Plan;
        var buffer = new ArrayBufferWriter<byte>();
        await using var writer = new Utf8JsonWriter(buffer);
        var form = ModelListForm.Of(http.Request);
        if (id is null)
        {
            var all = plan.Models.Values.Where(caller.MayCall).Select(ListedModel.Of).Concat(plan.Prompts.Values.Where(p => caller.MayCall(plan, p)).Select(ListedModel.Of));
            ModelListForm.WriteAll([.. all.OrderBy(m => m.Name, StringComparer.Ordinal)], form, writer);
        }
        else if (Find(plan, caller, id) is { } one)
        {
            ModelListForm.Write(one, form, writer);
        }
        else
        {
            await Answers.WriteErrorAsync(http, ModelMatching.Unknown(id));
            return;
        }

        await writer.FlushAsync(http.RequestAborted);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = buffer.WrittenCount;
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    private static ListedModel? Find(Plan plan, Caller caller, string id) => plan.Models.TryGetValue(id, out var model) && caller.MayCall(model) ? ListedModel.Of(model)
        : id.StartsWith(PromptResource.ModelPrefix, StringComparison.Ordinal) && plan.Prompts.TryGetValue(id[PromptResource.ModelPrefix.Length..], out var prompt) && caller.MayCall(plan, prompt) ? ListedModel.Of(prompt)
        : null;
}
