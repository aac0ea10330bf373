using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Pipeline;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c>: and Gemini's <c>/v1beta/models</c>: the models that the key may use, in the form of who asks.</summary>
internal sealed class ModelList(Identification identification)
{
    /// <summary>Answers the list, or the one model where <paramref name="id"/> is not null.</summary>
    public async Task ServeAsync(Arrival arrival, string? id)
    {
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(http);
        if (caller is null)
        {
            await Answers.WriteErrorAsync(http, error!);
            return;
        }

        var models = arrival.Revision.Plan.Models;
        var buffer = new ArrayBufferWriter<byte>();
        await using var writer = new Utf8JsonWriter(buffer);
        var form = ModelListForm.Of(http.Request);
        if (id is null)
        {
            ModelListForm.WriteAll([.. models.Values.Where(m => caller.MayUse(m.Resource.Name)).OrderBy(m => m.Resource.Name, StringComparer.Ordinal)], form, writer);
        }
        else if (models.TryGetValue(id, out var one) && caller.MayUse(id))
        {
            ModelListForm.Write(one, form, writer);
        }
        else
        {
            await Answers.WriteErrorAsync(http, new ClientError(404, $"The model '{id}' does not exist or you do not have access to it.", "model_not_found", "model"));
            return;
        }

        await writer.FlushAsync(http.RequestAborted);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = buffer.WrittenCount;
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }
}
